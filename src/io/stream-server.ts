import net from 'node:net';
import tls from 'node:tls';
import { inspect } from '../builtins.ts';
import { GreenletExit } from '../errors.ts';
import { isPromise } from '../hub/promise-source.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import { Job } from './handlers.ts';
import { checkServerTls, listen } from './listen.ts';
import { RawConnections } from './raw-connections.ts';
import { type ErrorHandler, reportHandlerError } from './report.ts';
import { Server, type ServerOptions } from './server.ts';
import { Socket } from './socket.ts';
import { boundAddress, type SocketAddress } from './socket-address.ts';

/** Serves one connection, which is closed when it returns or throws. May be async. */
export type StreamHandler = (socket: Socket, address: SocketAddress) => unknown;

/** Where a StreamServer listens, and what it does. */
export interface StreamServerOptions extends ServerOptions {
  handle: StreamHandler;
  /** Speak TLS, with the options of `tls.createServer`: at least `key` and `cert`. */
  tls?: tls.TlsOptions;
  /** Told of errors that `handle` leaves uncaught, in place of the log. */
  onError?: ErrorHandler;
}

/**
 * A server for TCP, Unix and TLS connections: each is served by `handle` in a greenlet of its own and closed
 * afterwards. An error in `handle` is logged and ends that connection only.
 *
 * With a full pool accepted connections wait unread, at most `backlog` of them; further ones are closed at once.
 *
 * @example
 * const server = new StreamServer({
 *   port: 7000,
 *   handle(socket) {
 *     for (const chunk of socket) socket.sendAll(chunk);
 *   },
 * });
 * server.serveForever();
 */
export class StreamServer extends Server {
  readonly #server: net.Server;
  readonly #handle: StreamHandler;
  readonly #onError: ErrorHandler | undefined;
  readonly #rawConnections: RawConnections | null;

  /** @throws {TypeError|RangeError} for bad options. */
  constructor(options: StreamServerOptions) {
    super(options);
    const { handle, tls: secure, onError } = options;
    if (typeof handle !== 'function') throw new TypeError(`handle must be a function, got ${inspect(handle)}`);
    this.#handle = handle;
    this.#onError = onError;
    if (secure === undefined) {
      this.#rawConnections = null;
      this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
      this.#server.on('connection', (stream) => this.#serve(stream));
    } else {
      checkServerTls(secure);
      this.#server = tls.createServer({ ...secure, noDelay: true });
      this.#rawConnections = new RawConnections(this.#server);
      this.#server.on('secureConnection', (stream) => {
        stream.allowHalfOpen = true; // not before: a client that leaves in mid-handshake is to be forgotten
        this.#serve(stream);
      });
    }
  }

  protected override open(): SocketAddress {
    listen(this.#server, this.listenOptions);
    this.#server.on('error', (error) => reportHandlerError(error, 'Accepting a connection', this.#onError));
    return boundAddress(this.#server.address());
  }
  protected override refuse(): void {
    this.#server.close();
  }
  protected override drop(): void {
    this.#rawConnections?.destroyAll();
  }

  #serve(stream: net.Socket): void {
    const job = new Connection(new Socket(stream), this.#handle, this.#onError);
    if (this.closed || !this.handlers.serve(job)) stream.destroy();
  }
}

class Connection extends Job {
  readonly #socket: Socket;
  readonly #handle: StreamHandler;
  readonly #onError: ErrorHandler | undefined;

  constructor(socket: Socket, handle: StreamHandler, onError: ErrorHandler | undefined) {
    super();
    this.#socket = socket;
    this.#handle = handle;
    this.#onError = onError;
  }

  override work(): void {
    try {
      const result = this.#handle(this.#socket, this.#socket.remoteAddress);
      if (isPromise(result)) waitPromise(result);
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      reportHandlerError(error, 'A handler of a StreamServer', this.#onError);
    }
  }

  protected override left(): void {
    this.#socket.close();
  }
}
