import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type { TlsOptions } from 'node:tls';
import { WebSocketServer as WsServer } from 'ws';
import { GreenletExit } from '../errors.ts';
import { isPromise } from '../hub/promise-source.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import { describe } from './bytes.ts';
import { Job } from './handlers.ts';
import { HttpRequest } from './http-server-request.ts';
import { checkServerTls, listen } from './listen.ts';
import { type ErrorHandler, reportHandlerError } from './report.ts';
import { Server, type ServerOptions } from './server.ts';
import { boundAddress, type SocketAddress } from './socket-address.ts';
import { refuse, upgradesOf } from './upgrades.ts';
import { CLOSE_TIME, checkPositive, LARGEST_MESSAGE, WebSocket } from './websocket.ts';

/**
 * Serves one client; the connection is closed when it returns or throws. May be async. The `signal` of the request aborts
 * when the WebSocket is closed; the handler is not killed then, `recv` gives null.
 */
export type WebSocketHandler = (socket: WebSocket, request: HttpRequest) => unknown;

/** Where a WebSocketServer listens, and what it does. */
export interface WebSocketServerOptions extends Omit<ServerOptions, 'path'> {
  handle: WebSocketHandler;
  /** Take the upgrades of this server, ours or Node's, in place of listening. It is started and stopped on its own. */
  server?: http.Server | { readonly nodeServer: http.Server };
  /** The URL path to serve; others get a 404. All paths unless given. */
  path?: string;
  /** Largest message in bytes, 100 MB unless given; a larger one closes the connection, with code 1009. */
  maxPayload?: number;
  /** Milliseconds between pings; a client that lets one pass without a sign of life is dropped. None unless given. */
  heartbeat?: number;
  /** Speak TLS, with the options of `tls.createServer`: at least `key` and `cert`. */
  tls?: TlsOptions;
  /** Told of errors that `handle` leaves uncaught, in place of the log. */
  onError?: ErrorHandler;
}

/**
 * A WebSocket server: each client is served by `handle` in a greenlet of its own. The connection is closed with code 1000
 * when it returns, with 1011 when it throws (the error is logged), with 1001 when the server is being stopped.
 *
 * `stop()` tells handlers by a `null` from `recv` that nothing more comes; they may still send.
 *
 * @example
 * const server = new WebSocketServer({
 *   port: 8000,
 *   handle(socket) {
 *     for (const message of socket) socket.send(message);
 *   },
 * });
 * server.serveForever();
 */
export class WebSocketServer extends Server {
  readonly #options: WebSocketServerOptions;
  readonly #nodeServer: http.Server;
  readonly #listens: boolean;
  readonly #protocol: WsServer;
  readonly #sockets = new Set<WebSocket>();

  /** @throws {TypeError|RangeError} for bad options. */
  constructor(options: WebSocketServerOptions) {
    const { server, path, port, ...rest } = options;
    if (server !== undefined && port !== undefined) throw new TypeError('give either a port or a server, not both');
    super({ ...rest, port: server === undefined ? port : 0 });
    const { handle, heartbeat, maxPayload = LARGEST_MESSAGE } = options;
    if (typeof handle !== 'function') throw new TypeError(`handle must be a function, got ${describe(handle)}`);
    if (path !== undefined && !(typeof path === 'string' && path.startsWith('/'))) {
      throw new TypeError(`path must be the path of a URL, got ${describe(path)}`);
    }
    if (heartbeat !== undefined) checkPositive('heartbeat', heartbeat);
    checkPositive('maxPayload', maxPayload);
    this.#options = options;
    this.#listens = server === undefined;
    this.#nodeServer = server === undefined ? makeHttpServer(options.tls) : toNodeServer(server);
    // The types do not know `closeTimeout` yet.
    const settings = { noServer: true, clientTracking: false, maxPayload, closeTimeout: CLOSE_TIME };
    this.#protocol = new WsServer(settings);
    upgradesOf(this.#nodeServer).add(path, (request, stream, head) =>
      this.#upgrade(request, stream as net.Socket, head),
    );
  }

  /** Where it listens; that of the other server if it is attached to one. */
  override get address(): SocketAddress | undefined {
    return this.#listens ? super.address : boundAddress(this.#nodeServer.address());
  }

  protected override open(): SocketAddress {
    if (this.#listens) {
      listen(this.#nodeServer, this.listenOptions);
      this.#nodeServer.on('error', (error) =>
        reportHandlerError(error, 'Accepting a connection', this.#options.onError),
      );
    }
    return boundAddress(this.#nodeServer.address());
  }
  /** Nobody new; clients are told by their handlers' end, or by the kill of these. */
  protected override refuse(): void {
    upgradesOf(this.#nodeServer).delete(this.#options.path);
    if (this.#listens) this.#nodeServer.close();
    for (const socket of this.#sockets) socket.stopReceiving();
  }
  /** Closing handshakes that are under way go on; they have a limit of their own. */
  protected override drop(): void {
    if (this.#listens) this.#nodeServer.closeIdleConnections();
  }

  #upgrade(incoming: http.IncomingMessage, stream: net.Socket, head: Buffer): void {
    const job = new Client(this, incoming, stream, head);
    if (this.closed || !this.handlers.serve(job)) refuse(stream, 503);
  }

  /** @internal Makes the handshake; null if the client asked for something else, or has left. */
  accept(request: HttpRequest, stream: net.Socket, head: Buffer): WebSocket | null {
    const { heartbeat } = this.#options;
    let accepted: WebSocket | null = null;
    this.#protocol.handleUpgrade(request.incoming, stream, head, (connected) => {
      const socket = new WebSocket(connected);
      if (heartbeat !== undefined) socket.beat(heartbeat, stream);
      this.#sockets.add(socket);
      connected.on('close', () => {
        this.#sockets.delete(socket);
        request.abort(new GreenletExit('the WebSocket was closed'));
      });
      if (this.closed) socket.stopReceiving();
      accepted = socket;
    });
    return accepted;
  }

  /** @internal Runs the handler. @returns the code to close with. @throws a GreenletExit. */
  serve(socket: WebSocket, request: HttpRequest): number {
    const { handle, onError } = this.#options;
    try {
      const result = handle(socket, request);
      if (isPromise(result)) waitPromise(result);
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      reportHandlerError(error, 'A handler of a WebSocketServer', onError);
      return 1011;
    }
    return this.closed ? 1001 : 1000;
  }
}

class Client extends Job {
  readonly #server: WebSocketServer;
  readonly #request: HttpRequest;
  readonly #stream: net.Socket;
  readonly #head: Buffer;
  #socket: WebSocket | null = null;

  constructor(server: WebSocketServer, incoming: http.IncomingMessage, stream: net.Socket, head: Buffer) {
    super();
    this.#server = server;
    this.#request = new HttpRequest(incoming, 0, null);
    this.#stream = stream;
    this.#head = head;
    stream.on('error', () => {}); // it may have to wait for its turn
  }

  override work(): void {
    this.#socket = this.#server.accept(this.#request, this.#stream, this.#head);
    this.#socket?.close(this.#server.serve(this.#socket, this.#request));
  }

  /** After a kill, at the latest. */
  protected override left(): void {
    if (this.#socket === null) this.#stream.destroy();
    else this.#socket.closeSoon(1001);
  }
}

/** A server of our own tells other requests that it is for WebSockets only. */
function makeHttpServer(tls: TlsOptions | undefined): http.Server {
  if (tls !== undefined) checkServerTls(tls);
  const server = tls === undefined ? http.createServer() : https.createServer(tls);
  return server.on('request', (_, response) =>
    response.writeHead(426, { connection: 'close', upgrade: 'websocket' }).end(),
  );
}

function toNodeServer(server: http.Server | { readonly nodeServer: http.Server }): http.Server {
  const nodeServer = (server as Partial<{ nodeServer: http.Server }> | null)?.nodeServer ?? (server as http.Server);
  if (typeof nodeServer?.on === 'function') return nodeServer;
  throw new TypeError(`server must be an HttpServer or a server of node:http, got ${describe(server)}`);
}
