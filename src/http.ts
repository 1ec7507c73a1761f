// greenlets/http: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError, GreenletExit } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { ClosedError } from './io/errors.ts';
export type { SpawnPolicy } from './io/handlers.ts';
export type { TlsOptions } from './io/http-client/agents.ts';
export { ClientResponse } from './io/http-client/client-response.ts';
export { type Phase, RequestError, RequestTimeout } from './io/http-client/errors.ts';
export type { RedirectMode } from './io/http-client/redirect.ts';
export { type CookieJar, get, post, type RequestOptions, request } from './io/http-client/request.ts';
export type { RequestBody } from './io/http-client/request-body.ts';
export type { HeadersLike } from './io/http-client/request-headers.ts';
export type { RetryOptions } from './io/http-client/retry.ts';
export { HttpError } from './io/http-error.ts';
export { HttpServer, type HttpServerOptions } from './io/http-server.ts';
export type { HttpHandler } from './io/http-server-exchange.ts';
export type { AccessLog, AccessLogEntry } from './io/http-server-log.ts';
export type { Body, HandlerResult, HeaderSource, HttpResponse } from './io/http-server-reply.ts';
export type { HttpRequest } from './io/http-server-request.ts';
export type { ListenOptions } from './io/listen.ts';
export type { ErrorHandler } from './io/report.ts';
export type { ServerOptions } from './io/server.ts';
export type { InternetAddress, SocketAddress } from './io/socket-address.ts';
