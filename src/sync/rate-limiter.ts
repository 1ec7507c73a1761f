import { inspect } from '../builtins.ts';
import { assertCount, assertFunction } from '../hub/check.ts';
import { hub } from '../hub/hub.ts';
import { notWaitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import type { TimerEntry } from '../hub/timers.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';

/**
 * Lets through at most `n` in any stretch of `perMs` milliseconds (a sliding window: there are no bursts at its edges).
 * Whoever came first goes first; one who gives up while waiting uses nothing.
 *
 * @example
 * const limiter = new RateLimiter(5, 1000);
 * for (const url of urls) spawn(() => limiter.use(() => download(url)));
 */
export class RateLimiter {
  declare readonly [notWaitable]: string;
  readonly n: number;
  /** Milliseconds. */
  readonly perMs: number;
  readonly #waiters = new WaitQueue();
  /** When the last `n` went through, as a ring: `#oldest` is the one that leaves the window next. */
  readonly #times: number[] = [];
  #oldest = 0;
  readonly #line: WaitSource = {
    register: (node) => {
      this.#waiters.register(node);
      this.#arm();
    },
    unregister: (node) => {
      this.#waiters.unregister(node);
      if (this.#waiters.size === 0) hub.timers.remove(this.#timer);
    },
  };
  readonly #timer: TimerEntry = { deadline: 0, heapIndex: -1, order: 0, expire: () => this.#admit() };

  /**
   * @param n a whole number, 1 or more.
   * @param perMs length of the window in ms, more than 0.
   * @throws {RangeError|TypeError} for anything else.
   */
  constructor(n: number, perMs: number) {
    assertCount('n', n, 1);
    if (typeof perMs !== 'number') throw new TypeError(`perMs must be a number, got ${inspect(perMs)}`);
    if (!(perMs > 0) || perMs === Number.POSITIVE_INFINITY) {
      throw new RangeError(`perMs must be a positive number of ms, got ${perMs}`);
    }
    this.n = n;
    this.perMs = perMs;
  }

  /**
   * Waits until one more may go through.
   *
   * @returns true; false if the time was over first.
   */
  acquire(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.tryAcquire() || parkUntil(this.#line, limit) !== EXPIRED;
  }

  /** As `acquire(0)`. */
  tryAcquire(): boolean {
    if (this.#waiters.size > 0 || this.#msUntilFree() > 0) return false;
    this.#pass();
    return true;
  }

  /** Runs `fn` once it may go through. */
  use<T>(fn: () => T): T {
    assertFunction(fn);
    this.acquire();
    return fn();
  }

  #msUntilFree(): number {
    if (this.#times.length < this.n) return 0;
    return (this.#times[this.#oldest] as number) + this.perMs - hub.timers.steadyTime;
  }

  #pass(): void {
    this.#times[this.#oldest] = hub.timers.steadyTime;
    this.#oldest = (this.#oldest + 1) % this.n;
  }

  /** The first in line may go, and as many behind it as the window has room for. */
  #admit(): void {
    while (this.#waiters.size > 0 && this.#msUntilFree() <= 0) {
      if (this.#waiters.wakeOne(true)) this.#pass();
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#waiters.size === 0 || this.#timer.heapIndex !== -1) return;
    hub.timers.add(this.#timer, Math.max(0, this.#msUntilFree()));
  }
}
Object.defineProperty(RateLimiter.prototype, notWaitable, { value: 'limiter.acquire()' });
