import { isIPv6 } from 'node:net';
import { inspect } from '../builtins.ts';
import { GreenletExit } from '../errors.ts';
import type { Greenlet } from '../hub/greenlet.ts';
import { isPromise } from '../hub/promise-source.ts';
import { spawn } from '../hub/spawn.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import type { Bytes } from './bytes.ts';
import { type Datagram, DatagramSocket, type DatagramTarget } from './datagram-socket.ts';
import { ClosedError } from './errors.ts';
import { Job } from './handlers.ts';
import { type ErrorHandler, reportHandlerError } from './report.ts';
import { Server, type ServerOptions } from './server.ts';
import type { InternetAddress, SocketAddress } from './socket-address.ts';

/** Serves one datagram. May be async. */
export type DatagramHandler = (data: Buffer, address: InternetAddress) => unknown;

/** Where a DatagramServer receives, and what it does. */
export interface DatagramServerOptions extends Omit<ServerOptions, 'path'> {
  port: number;
  handle: DatagramHandler;
  /** Told of errors that `handle` leaves uncaught, in place of the log. */
  onError?: ErrorHandler;
}

/**
 * A UDP server: each datagram is served by `handle` in a greenlet of its own. An error in `handle` is logged. With a
 * full pool at most `backlog` datagrams wait; further ones are dropped.
 *
 * @example
 * const server = new DatagramServer({ port: 7000, handle: (data, address) => server.sendTo(data, address) });
 */
export class DatagramServer extends Server {
  readonly #handle: DatagramHandler;
  readonly #onError: ErrorHandler | undefined;
  #socket: DatagramSocket | undefined;
  #receiver: Greenlet | undefined;

  /** @throws {TypeError|RangeError} for bad options. */
  constructor(options: DatagramServerOptions) {
    super(options);
    const { handle, onError } = options;
    if (typeof handle !== 'function') throw new TypeError(`handle must be a function, got ${inspect(handle)}`);
    this.#handle = handle;
    this.#onError = onError;
  }

  /** Sends one datagram from the server's address. @throws {ClosedError} unless it serves; Node's error. */
  sendTo(data: Bytes, target: DatagramTarget): void {
    if (this.#socket === undefined) throw new ClosedError('the server was not started');
    this.#socket.sendTo(data, target);
  }

  protected override open(): SocketAddress {
    const { host, port } = this.listenOptions;
    const socket = DatagramSocket.bind({ port: port ?? 0, ...(host === undefined ? {} : { host }) });
    this.#socket = socket;
    this.#receiver = spawn(() => this.#receive(socket));
    return socket.address;
  }
  protected override refuse(): void {
    this.#receiver?.kill(new GreenletExit('the server was stopped'), { block: false });
  }
  protected override drop(): void {
    this.#socket?.close();
  }

  #receive(socket: DatagramSocket): void {
    for (;;) {
      try {
        this.handlers.serve(new Reception(socket.recvFrom(), this.#handle, this.#onError));
      } catch (error) {
        if (error instanceof GreenletExit || error instanceof ClosedError) throw error;
        reportHandlerError(error, 'Receiving a datagram', this.#onError);
      }
    }
  }
}

class Reception extends Job {
  readonly #datagram: Datagram;
  readonly #handle: DatagramHandler;
  readonly #onError: ErrorHandler | undefined;

  constructor(datagram: Datagram, handle: DatagramHandler, onError: ErrorHandler | undefined) {
    super();
    this.#datagram = datagram;
    this.#handle = handle;
    this.#onError = onError;
  }

  override work(): void {
    const { data, address, port } = this.#datagram;
    try {
      const result = this.#handle(data, { address, port, family: isIPv6(address) ? 'IPv6' : 'IPv4' });
      if (isPromise(result)) waitPromise(result);
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      reportHandlerError(error, 'A handler of a DatagramServer', this.#onError);
    }
  }
}
