import { type Waitable, waitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { Linked } from './linked.ts';

/**
 * A flag that greenlets wait for. `set()` wakes all who wait then, first in first out, even if it is cleared at once.
 *
 * A wait cut short by its timeout or a kill leaves nothing behind. Not promised: that the flag is still set when a woken
 * greenlet runs.
 *
 * @example
 * const loaded = new Event();
 * spawn(() => { load(); loaded.set(); });
 * loaded.wait();
 */
export class Event extends Linked implements Waitable<true> {
  declare readonly [waitable]: true;
  readonly #waiters = new WaitQueue();
  #set = false;

  /** Whether it is set. */
  get isSet(): boolean {
    return this.#set;
  }

  /** Sets it, and wakes all who wait. */
  set(): void {
    this.#set = true;
    this.#waiters.wakeAll(true);
  }

  /** Whoever waits from now on waits for the next `set()`. */
  clear(): void {
    this.#set = false;
  }

  /**
   * Waits until it is set.
   *
   * @returns true; false if the time was over first.
   */
  wait(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.#set || parkUntil(this.#waiters, limit) !== EXPIRED;
  }

  override register(node: QueueNode): void {
    if (this.#set) node.wake(true);
    else this.#waiters.register(node);
  }
  override unregister(node: QueueNode): void {
    this.#waiters.unregister(node);
  }
  /** Part of `Waitable`. */
  outcome(): true {
    return true;
  }
}
Object.defineProperty(Event.prototype, waitable, { value: true });
