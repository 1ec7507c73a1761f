import { GreenletError } from '../errors.ts';
import { assertCount, assertFunction } from '../hub/check.ts';
import { Links, type Waitable, waitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { Exclusive } from './exclusive.ts';

/** Nodes with this item came for a permit; the others only want to know that there is one. */
const PERMIT = Symbol('permit');

/**
 * A number of permits. `acquire` takes one, `release` gives one back: to whoever waited longest, directly, so that
 * `counter` is 0 while anybody waits and nobody can barge in. There is no owner: any greenlet may release.
 *
 * @example
 * const slots = new Semaphore(10);
 * for (const url of urls) spawn(() => slots.use(() => download(url)));
 */
export class Semaphore extends Exclusive implements Waitable<true> {
  declare readonly [waitable]: true;
  readonly #waiters = new WaitQueue();
  #links: Links | null = null;
  #counter: number;

  /**
   * @param value permits to begin with.
   * @throws {RangeError|TypeError} if `value` is no whole number, 0 or more.
   */
  constructor(value = 1) {
    super();
    assertCount('value', value, 0);
    this.#counter = value;
  }

  /** Permits that are free. */
  get counter(): number {
    return this.#counter;
  }
  /** True while none is free. */
  get locked(): boolean {
    return this.#counter === 0;
  }

  override acquire(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.tryAcquire() || parkUntil(this.#waiters, limit, PERMIT) !== EXPIRED;
  }

  override tryAcquire(): boolean {
    if (this.#counter === 0) return false;
    this.#counter--;
    return true;
  }

  /**
   * Gives back `n` permits.
   *
   * @returns the permits that are free now.
   * @throws {RangeError|TypeError} if `n` is no whole number, 1 or more.
   */
  override release(n = 1): number {
    assertCount('n', n, 1);
    let left = n;
    while (left > 0 && this.#handOver()) left--;
    this.#counter += left;
    return this.#counter;
  }

  /** Gives a permit to whoever waited longest for one; who only wants to know is told. False if nobody wants it. */
  #handOver(): boolean {
    for (let node = this.#waiters.shift(); node !== null; node = this.#waiters.shift()) {
      if (node.wake(true) && node.item === PERMIT) return true;
    }
    return false;
  }

  /**
   * Waits until a permit is free, without taking it. Not promised: that it still is when the caller runs.
   *
   * @returns true; false if the time was over first.
   */
  wait(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.#counter > 0 || parkUntil(this.#waiters, limit) !== EXPIRED;
  }

  /** Calls `callback` once, in the hub, where it must not block: when a permit is free; soon, never inline, if one is. */
  rawLink(callback: (semaphore: this) => void): void {
    assertFunction(callback);
    this.#links ??= new Links(this);
    this.#links.add(callback, () => callback(this));
  }
  /** Removes every registration of `callback` that was not called yet. */
  unlink(callback: (...args: never[]) => unknown): void {
    this.#links?.remove(callback);
  }

  /** Part of `Waitable`: wakes `node` when a permit is free, without taking it. */
  register(node: QueueNode): void {
    if (this.#counter > 0) node.wake(true);
    else this.#waiters.register(node);
  }
  /** Part of `Waitable`: undoes `register`. */
  unregister(node: QueueNode): void {
    this.#waiters.unregister(node);
  }
  /** Part of `Waitable`. */
  outcome(): true {
    return true;
  }
}
Object.defineProperty(Semaphore.prototype, waitable, { value: true });

/** A semaphore that never has more permits than it began with: a release too many is a mistake, and refused. */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number;

  constructor(value = 1) {
    super(value);
    this.#bound = value;
  }

  /** @throws {GreenletError} with code `ERR_GREENLETS_OVER_RELEASE` if that were more than it began with. */
  override release(n = 1): number {
    assertCount('n', n, 1);
    if (this.counter + n > this.#bound) {
      throw new GreenletError(
        `released too often: it has ${this.counter} of ${this.#bound} permits, and ${n} would be added`,
        'ERR_GREENLETS_OVER_RELEASE',
      );
    }
    return super.release(n);
  }
}
