import { assertCount } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { WaitQueue } from '../hub/wait-queue.ts';

/**
 * A place where a fixed number of greenlets wait for each other; the last one lets all go on, and the next round
 * begins. One whose wait is cut short is not counted: the round goes on without it.
 */
export class Barrier {
  declare readonly [notWaitable]: string;
  readonly parties: number;
  readonly #waiters = new WaitQueue();

  /**
   * @param parties how many it takes.
   * @throws {RangeError|TypeError} if `parties` is no whole number, 1 or more.
   */
  constructor(parties: number) {
    assertCount('parties', parties, 1);
    this.parties = parties;
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Waits until all have come.
   *
   * @returns 0 for the first of the round that came, up to `parties - 1` for the last; false if the time was over first.
   */
  wait(timeout?: TimeoutLike): number | false {
    const limit = enter(timeout);
    if (this.#waiters.size === this.parties - 1) {
      for (let index = 0; index < this.parties - 1; index++) this.#waiters.wakeOne(index);
      return this.parties - 1;
    }
    const index = parkUntil<number>(this.#waiters, limit);
    return index === EXPIRED ? false : index;
  }
}
Object.defineProperty(Barrier.prototype, notWaitable, { value: 'barrier.wait()' });
