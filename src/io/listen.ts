import type net from 'node:net';
import type { TlsOptions } from 'node:tls';
import { park } from '../hub/park.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { describe } from './bytes.ts';
import { checkEndpoint, type Endpoint } from './socket-address.ts';

/** Node's own default. */
const USUAL_BACKLOG = 511;

/** Where to listen. */
export interface ListenOptions extends Endpoint {
  /** How many connections may wait to be served; 511 unless given. Further ones are closed at once. */
  backlog?: number;
}

/** The backlog asked for. @throws {TypeError|RangeError} for bad options. */
export function checkListenOptions(options: ListenOptions): number {
  checkEndpoint(options);
  const { backlog = USUAL_BACKLOG } = options;
  if (!Number.isInteger(backlog) || backlog < 1) {
    throw new RangeError(`backlog must be a whole number above 0, got ${String(backlog)}`);
  }
  return backlog;
}

/** @throws {TypeError} unless `tls` can be options of `tls.createServer`. */
export function checkServerTls(tls: unknown): asserts tls is TlsOptions {
  if (typeof tls === 'object' && tls !== null) return;
  throw new TypeError(`tls must be options of tls.createServer, with a key and a certificate, got ${describe(tls)}`);
}

/** Waits until `server` listens. @throws Node's error (`EADDRINUSE`, …). */
export function listen(server: net.Server, options: ListenOptions): void {
  const { host, port, path } = options;
  const where = path === undefined ? { port, ...(host === undefined ? {} : { host }) } : { path };
  park(new Listening(server, { ...where, backlog: checkListenOptions(options) }));
}

class Listening implements WaitSource {
  readonly #server: net.Server;
  readonly #options: net.ListenOptions;
  #node: QueueNode | null = null;

  constructor(server: net.Server, options: net.ListenOptions) {
    this.#server = server;
    this.#options = options;
  }

  register(node: QueueNode): void {
    this.#node = node;
    this.#server.once('listening', this.#onListening);
    this.#server.once('error', this.#onError);
    this.#server.listen(this.#options);
  }
  unregister(): void {
    this.#forget();
    this.#server.on('error', () => {}); // it may have failed already
    this.#server.close();
  }

  #forget(): QueueNode | null {
    const node = this.#node;
    this.#node = null;
    this.#server.off('listening', this.#onListening);
    this.#server.off('error', this.#onError);
    return node;
  }

  readonly #onListening = (): void => {
    this.#forget()?.wake(undefined);
  };
  readonly #onError = (error: Error): void => {
    this.#forget()?.fail(error);
  };
}
