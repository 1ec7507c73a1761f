import { toError } from '../engine/raw-greenlet.ts';
import { assertFunction } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { type Waitable, waitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { Linked } from './linked.ts';

/**
 * A value, or an error, that will come: one sets it, many wait for it. All who wait are woken, first in first out.
 *
 * It may be set again: later reads see the last value, and a value wins over an error. Those woken before it was set
 * again see what is there when they run.
 *
 * @example
 * const answer = new AsyncResult<number>();
 * socket.on('message', (text) => answer.set(Number(text)));
 * const n = answer.get(1000);
 */
export class AsyncResult<T = unknown> extends Linked implements Waitable<T> {
  declare readonly [waitable]: true;
  readonly #waiters = new WaitQueue();
  #state: 'pending' | 'value' | 'error' = 'pending';
  #value: T | undefined = undefined;
  #exception: unknown = undefined;

  /** True once it was set in either way. */
  get ready(): boolean {
    return this.#state !== 'pending';
  }
  /** True once it has a value. */
  get successful(): boolean {
    return this.#state === 'value';
  }
  /** The value; undefined while there is none. */
  get value(): T | undefined {
    return this.#value;
  }
  /** The error; undefined if none was set. */
  get exception(): unknown {
    return this.#exception;
  }

  /** Gives it its value, and wakes all who wait. */
  set(value: T): void {
    this.#value = value;
    this.#state = 'value';
    this.#waiters.wakeAll(undefined);
  }

  /**
   * Gives it its error, and wakes all who wait. A value set before stays.
   *
   * @throws {TypeError} if `error` is neither an Error nor a class of errors.
   */
  setException(error: unknown): void {
    this.#exception = toError(error);
    if (this.#state === 'pending') this.#state = 'error';
    this.#waiters.wakeAll(undefined);
  }

  /**
   * Waits for the value.
   *
   * @throws the error it was given, the same object each time; `Timeout` if the time was over first.
   */
  get(timeout?: TimeoutLike): T {
    const limit = enter(timeout);
    if (this.#state === 'pending' && parkUntil(this.#waiters, limit) === EXPIRED) {
      throw Timeout.expired(limit as number);
    }
    return this.outcome();
  }

  /** As `get`, without waiting. @throws {Timeout} if it was not set yet. */
  getNowait(): T {
    return this.get(0);
  }

  /**
   * Waits until it was set in either way.
   *
   * @returns true; false if the time was over first.
   */
  wait(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.#state !== 'pending' || parkUntil(this.#waiters, limit) !== EXPIRED;
  }

  /** Calls `callback` in a greenlet of its own once this was set. */
  link(callback: (result: this) => unknown): void {
    assertFunction(callback);
    this.links.addGreenlet(
      callback,
      (run) => new Greenlet(run),
      () => callback(this),
    );
  }

  /** A promise of it. */
  toPromise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.rawLink(() => {
        if (this.#state === 'value') resolve(this.#value as T);
        else reject(this.#exception);
      });
    });
  }

  override register(node: QueueNode): void {
    if (this.#state !== 'pending') node.wake(undefined);
    else this.#waiters.register(node);
  }
  override unregister(node: QueueNode): void {
    this.#waiters.unregister(node);
  }
  /** Part of `Waitable`: the value; throws the error. */
  outcome(): T {
    if (this.#state === 'value') return this.#value as T;
    throw this.#exception;
  }
}
Object.defineProperty(AsyncResult.prototype, waitable, { value: true });
