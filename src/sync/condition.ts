import { inspect } from '../builtins.ts';
import { GreenletError } from '../errors.ts';
import { assertCount } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import { assertCanBlock, EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { shield } from '../hub/shield.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { Exclusive } from './exclusive.ts';
import { brokenLock, OwnedLock } from './lock.ts';
import { RLock } from './rlock.ts';

/**
 * A lock, and a place to wait until what it protects has changed. `wait` and `notify` need the lock held.
 *
 * Notified are those who wait then, first in first out. A wait cut short by its timeout or a kill takes no
 * notification away from the others. However `wait` ends, the lock is held again.
 *
 * @example
 * changed.use(() => { while (stock.count === 0) changed.wait(); stock.count--; });
 */
export class Condition extends Exclusive {
  declare readonly [notWaitable]: string;
  readonly #lock: OwnedLock;
  readonly #waiters: Sleepers;

  /**
   * @param lock a Lock or an RLock; an RLock of its own by default.
   * @throws {TypeError} if `lock` is neither.
   */
  constructor(lock: OwnedLock = new RLock()) {
    super();
    if (!(lock instanceof OwnedLock)) throw new TypeError(`expected a Lock or an RLock, got ${inspect(lock)}`);
    this.#lock = lock;
    this.#waiters = new Sleepers(lock);
  }

  /** True while somebody holds the lock. */
  get locked(): boolean {
    return this.#lock.locked;
  }
  override acquire(timeout?: TimeoutLike): boolean {
    return this.#lock.acquire(timeout);
  }
  override tryAcquire(): boolean {
    return this.#lock.tryAcquire();
  }
  override release(): void {
    this.#lock.release();
  }

  /**
   * Frees the lock, waits to be notified, and takes the lock again.
   *
   * @returns true; false if the time was over first. Taking the lock again may need longer.
   * @throws {GreenletError} with code `ERR_GREENLETS_NOT_OWNER` if the current greenlet does not hold the lock.
   */
  wait(timeout?: TimeoutLike): boolean {
    this.#assertHeld();
    const limit = enter(timeout);
    if (limit === 0) return false; // nobody can have notified while the lock was held
    assertCanBlock();
    const depth = this.#lock.yieldUp();
    try {
      return parkUntil(this.#waiters, limit) !== EXPIRED;
    } finally {
      shield(() => this.#lock.takeBack(depth));
    }
  }

  /**
   * Wakes the `n` who have waited longest; fewer if there are fewer.
   *
   * @throws {GreenletError} with code `ERR_GREENLETS_NOT_OWNER` if the current greenlet does not hold the lock.
   */
  notify(n = 1): void {
    assertCount('n', n, 0);
    this.#assertHeld();
    for (let left = n; left > 0 && this.#waiters.wakeOne(true); left--);
  }

  /** As `notify`, for all. */
  notifyAll(): void {
    this.#assertHeld();
    this.#waiters.wakeAll(true);
  }

  #assertHeld(): void {
    if (!this.#lock.mine) {
      throw new GreenletError('the current greenlet does not hold the lock', 'ERR_GREENLETS_NOT_OWNER');
    }
  }
}
Object.defineProperty(Condition.prototype, notWaitable, { value: 'condition.wait()' });

class Sleepers extends WaitQueue {
  readonly #lock: OwnedLock;
  constructor(lock: OwnedLock) {
    super();
    this.#lock = lock;
  }
  /** See `WaitSource.abandoned`. */
  abandoned(node: QueueNode): void {
    if (!this.#lock.broken) return;
    this.unregister(node);
    node.fail(brokenLock());
  }
}
