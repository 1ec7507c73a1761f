import { engine } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { assertCanBlock, checkTimeout, enter, park, type TimeoutLike } from '../hub/park.ts';
import { shield } from '../hub/shield.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { ClosedError } from './errors.ts';
import { Handlers, type SpawnPolicy } from './handlers.ts';
import { checkListenOptions, type ListenOptions } from './listen.ts';
import type { SocketAddress } from './socket-address.ts';

/** What all servers take. */
export interface ServerOptions extends ListenOptions {
  /** How many handlers may run at a time: no limit ('default'), a number, or a Pool. */
  spawn?: SpawnPolicy;
  /** When `serveForever` is cut short: how long handlers may go on before they are killed, in ms; 5000 unless given. */
  stopTimeout?: number | null;
}

const USUAL_STOP_TIMEOUT = 5000;

/**
 * The life of every server.
 *
 *   new ──start()──> serving ──stop()──> closed: no new work ──the last handler ends──> finished
 */
export abstract class Server implements Disposable {
  /** Where it listens, and how much may wait. */
  protected readonly listenOptions: ListenOptions;
  protected readonly handlers: Handlers;
  readonly #stopTimeout: number | null;
  readonly #finished = new WaitQueue();
  #state: 'new' | 'starting' | 'serving' | 'closed' = 'new';
  #address: SocketAddress | undefined;

  constructor(options: ServerOptions) {
    const backlog = checkListenOptions(options);
    const { host, port, path, spawn = 'default', stopTimeout = USUAL_STOP_TIMEOUT } = options;
    checkTimeout(stopTimeout);
    this.listenOptions = { host, port, path, backlog };
    this.#stopTimeout = stopTimeout;
    this.handlers = new Handlers(spawn, backlog, () => this.#finishIfClosed());
  }

  /** Waits until it listens; gives the address. */
  protected abstract open(): SocketAddress;
  /** Takes no new work from now on. */
  protected abstract refuse(): void;
  /** Closes what is still open; no handler is left. */
  protected abstract drop(): void;

  /** Where it listens; undefined before the start. */
  get address(): SocketAddress | undefined {
    return this.#address;
  }
  /** True once it was stopped. */
  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** Waits until it listens. Nothing happens if it does already. @throws Node's error (`EADDRINUSE`, …). */
  start(): void {
    if (this.#state === 'serving') return;
    if (this.#state === 'closed') throw new ClosedError('the server was stopped: make a new one');
    if (this.#state === 'starting') throw new GreenletError('another greenlet is starting the server');
    this.#state = 'starting';
    try {
      this.#address = this.open();
    } catch (error) {
      if (!this.closed) this.#state = 'new';
      throw error;
    }
    if (this.closed) {
      this.refuse();
      throw new ClosedError('the server was stopped while it started');
    }
    this.#state = 'serving';
  }

  /**
   * Takes no new connections, and waits until all handlers have ended; those that still run after `timeout` ms (for
   * ever unless given) are killed, persistently, and waited for. Stopping twice is harmless, and a handler may stop its
   * own server: it is not waited for.
   *
   * On the main stack only `stop(0)` works while handlers run; it does not wait for their `finally`.
   */
  stop(timeout?: TimeoutLike): void {
    const limit = enter(timeout);
    if (this.handlers.busy && limit !== 0) assertCanBlock();
    this.#close();
    if (this.handlers.join(limit)) return;
    this.handlers.kill();
    if (engine.current !== engine.main) this.handlers.join(enter());
  }

  /**
   * Starts it if need be, and waits until it was stopped and all handlers have ended. What cuts this short, a kill or a
   * timeout, stops the server: handlers get `stopTimeout` to end.
   */
  serveForever(): void {
    this.start();
    try {
      park(this.#finished);
    } catch (error) {
      shield(() => this.stop(this.#stopTimeout));
      throw error;
    }
  }

  /** Stops it, without giving handlers time. */
  [Symbol.dispose](): void {
    this.stop(0);
  }

  #close(): void {
    if (this.closed) return;
    const serving = this.#state === 'serving';
    this.#state = 'closed';
    if (serving) this.refuse();
    if (this.handlers.size === 0) this.#finishIfClosed();
  }

  #finishIfClosed(): void {
    if (!this.closed) return;
    this.drop();
    this.#finished.wakeAll(undefined);
  }
}
