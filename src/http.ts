// greenlets/http: a list of exports, nothing else.
import './interop/install.ts';

export { BlockingSwitchOutError, ConcurrentObjectUseError, GreenletError } from './errors.ts';
export { Timeout } from './hub/timeout.ts';
export { ClosedError } from './io/errors.ts';
export type { TlsOptions } from './io/http-client/agents.ts';
export { ClientResponse } from './io/http-client/client-response.ts';
export { type Phase, RequestError, RequestTimeout } from './io/http-client/errors.ts';
export type { RedirectMode } from './io/http-client/redirect.ts';
export { type CookieJar, get, post, type RequestOptions, request } from './io/http-client/request.ts';
export type { RequestBody } from './io/http-client/request-body.ts';
export type { HeadersLike } from './io/http-client/request-headers.ts';
export type { RetryOptions } from './io/http-client/retry.ts';
