import { assertFunction } from '../hub/check.ts';
import type { TimeoutLike } from '../hub/park.ts';

/** What every lock and semaphore has: ways to hold it for a stretch of code. */
export abstract class Exclusive {
  /**
   * Waits until it is free, and takes it. Whoever waited first is served first; what is handed over is the waiter's own.
   *
   * @returns true; false if the time was over first: nothing was taken then, and the next in line is served.
   */
  abstract acquire(timeout?: TimeoutLike): boolean;
  /** As `acquire(0)`. */
  abstract tryAcquire(): boolean;
  /** Gives it to whoever waited longest, or frees it. */
  abstract release(): void;

  /**
   * Runs `fn` while holding it; it is released however `fn` ends.
   *
   * @returns what `fn` returns.
   */
  use<T>(fn: () => T): T {
    assertFunction(fn);
    this.acquire();
    try {
      return fn();
    } finally {
      this.release();
    }
  }

  /**
   * Takes it, for a `using` declaration.
   *
   * @returns what releases it, once.
   * @example
   * using held = lock.hold();
   */
  hold(): Disposable {
    this.acquire();
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.release();
        held = false;
      },
    };
  }
}
