import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { TlsOptions } from 'node:tls';
import { inspect } from '../builtins.ts';
import { HttpConnection } from './http-server-connection.ts';
import { HttpExchange, type HttpHandler, type HttpService } from './http-server-exchange.ts';
import { type AccessLog, logToStdout } from './http-server-log.ts';
import type { HttpRequest } from './http-server-request.ts';
import { checkServerTls, listen } from './listen.ts';
import { RawConnections } from './raw-connections.ts';
import { type ErrorHandler, reportHandlerError } from './report.ts';
import { Server, type ServerOptions } from './server.ts';
import { boundAddress, type SocketAddress } from './socket-address.ts';

/** Where an HttpServer listens, and what it does. Sizes are in bytes, times in ms; null = no limit. */
export interface HttpServerOptions extends ServerOptions {
  handle: HttpHandler;
  /** Speak HTTPS, with the options of `tls.createServer`: at least `key` and `cert`. */
  tls?: TlsOptions;
  /** Longest body of a request, 10 MB unless given; beyond it: 413. */
  bodyLimit?: number | null;
  /** All headers of a request together, 16 KB unless given; beyond it: 431. */
  headerLimit?: number;
  /** How long a request may take to come in, 5 minutes unless given; beyond it: 408. Enforced within 2 seconds. */
  requestTimeout?: number | null;
  /** The same for its headers alone, a minute unless given. */
  headersTimeout?: number | null;
  /** How long a connection may be idle between two requests, 5 seconds unless given. */
  keepAliveTimeout?: number;
  /** Told of each request served; true: a line on stdout. */
  accessLog?: boolean | AccessLog;
  /** Told of errors that `handle` leaves uncaught, in place of the log. The client gets a 500 in any case. */
  onError?: (error: unknown, request?: HttpRequest) => void;
}

const USUAL_BODY_LIMIT = 10 * 1024 * 1024;
const USUAL_HEADER_LIMIT = 16 * 1024;
const USUAL_REQUEST_TIMEOUT = 300_000;
const USUAL_HEADERS_TIMEOUT = 60_000;
const USUAL_KEEP_ALIVE = 5000;
/** How often Node looks for requests that take too long. */
const CHECK_EVERY = 1000;

/**
 * An HTTP server: each request is served by `handle` in a greenlet of its own; what it returns is the response.
 *
 * Requests of one connection are served one after the other. An error in `handle` is logged and answered with a 500 that
 * tells nothing of it; in mid-body it cuts the connection. When the client leaves before it has its response, the
 * handler's `request.signal` aborts and a GreenletExit is raised at its next blocking call.
 *
 * `spawn` limits requests, not connections: with all places taken at most `backlog` requests wait, further ones get a
 * 503. `handle` begins in the very turn of the event in which its request came, as far as greenlets have time left in it.
 *
 * @example
 * const server = new HttpServer({ port: 8000, handle: (request) => `hello ${request.query.get('name')}\n` });
 * server.serveForever();
 */
export class HttpServer extends Server {
  /** Node's server, for what has no counterpart here, such as upgrades. */
  readonly nodeServer: http.Server;
  readonly #service: HttpService;
  readonly #rawConnections: RawConnections | null;
  readonly #onError: ErrorHandler | undefined;

  /** @throws {TypeError|RangeError} for bad options; Node's error for a bad key or certificate. */
  constructor(options: HttpServerOptions) {
    super(options);
    const { handle, tls, bodyLimit = USUAL_BODY_LIMIT, accessLog = false, onError } = options;
    if (typeof handle !== 'function') throw new TypeError(`handle must be a function, got ${inspect(handle)}`);
    if (tls !== undefined) checkServerTls(tls);
    this.#onError = onError;
    const server = this;
    this.#service = {
      handle,
      bodyLimit: bodyLimit === null ? Number.POSITIVE_INFINITY : checkAbove0('bodyLimit', bodyLimit),
      accessLog: toAccessLog(accessLog),
      get closed() {
        return server.closed;
      },
      report: (error, request) =>
        reportHandlerError(
          error,
          `${request.method} ${request.url}`,
          onError && ((failure) => onError(failure, request)),
        ),
    };
    const limits = nodeLimits(options);
    this.nodeServer = tls === undefined ? http.createServer(limits) : https.createServer({ ...tls, ...limits });
    this.#rawConnections = tls === undefined ? null : new RawConnections(this.nodeServer);
    this.nodeServer.on('request', (_, response) => this.#receive(response, false));
    this.nodeServer.on('checkContinue', (_, response) => this.#receive(response, true));
  }

  protected override open(): SocketAddress {
    listen(this.nodeServer, this.listenOptions);
    this.nodeServer.on('error', (error) => reportHandlerError(error, 'Accepting a connection', this.#onError));
    return boundAddress(this.nodeServer.address());
  }

  /** Only listening ends: Node's own close() would also end its watch over slow requests. */
  protected override refuse(): void {
    net.Server.prototype.close.call(this.nodeServer);
    this.nodeServer.closeIdleConnections();
  }

  protected override drop(): void {
    this.nodeServer.close();
    // One turn later: connections that have just got their last response end in good order.
    setImmediate(() => {
      this.nodeServer.closeAllConnections();
      this.#rawConnections?.destroyAll();
    });
  }

  #receive(response: http.ServerResponse, owesContinue: boolean): void {
    const connection = HttpConnection.of(response.req.socket, this.#serve);
    connection.receive(new HttpExchange(this.#service, connection, response, owesContinue));
  }

  readonly #serve = (exchange: HttpExchange): boolean => this.handlers.serve(exchange);
}

function toAccessLog(accessLog: unknown): AccessLog | null {
  if (accessLog === false) return null;
  if (accessLog === true) return logToStdout;
  if (typeof accessLog === 'function') return accessLog as AccessLog;
  throw new TypeError(`accessLog must be a boolean or a function, got ${inspect(accessLog)}`);
}

function nodeLimits(options: HttpServerOptions): http.ServerOptions {
  const {
    headerLimit = USUAL_HEADER_LIMIT,
    requestTimeout = USUAL_REQUEST_TIMEOUT,
    headersTimeout = USUAL_HEADERS_TIMEOUT,
    keepAliveTimeout = USUAL_KEEP_ALIVE,
  } = options;
  // 0 is Node's word for no limit.
  const request = requestTimeout === null ? 0 : checkAbove0('requestTimeout', requestTimeout);
  const headers = headersTimeout === null ? 0 : checkAbove0('headersTimeout', headersTimeout);
  return {
    maxHeaderSize: checkAbove0('headerLimit', headerLimit),
    requestTimeout: request,
    headersTimeout: request > 0 && (headers === 0 || headers > request) ? request : headers,
    keepAliveTimeout: checkAbove0('keepAliveTimeout', keepAliveTimeout),
    connectionsCheckingInterval: CHECK_EVERY,
    requireHostHeader: true,
    noDelay: true,
  };
}

function checkAbove0(name: string, value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${inspect(value)}`);
  if (!(value > 0)) throw new RangeError(`${name} must be above 0, got ${value}`);
  return value;
}
