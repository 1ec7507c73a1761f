import { GreenletError } from '../errors.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { Queue } from './queue.ts';

/**
 * A Queue that knows when its items have been dealt with: whoever took one calls `taskDone()`, and `join()` waits until
 * that was done for all.
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  readonly #joiners = new WaitQueue();
  #unfinished = 0;

  /** Items put in and not dealt with yet. */
  get unfinishedTasks(): number {
    return this.#unfinished;
  }

  /** An item taken before has been dealt with. @throws {GreenletError} if that was said for all items already. */
  taskDone(): void {
    if (this.#unfinished === 0) {
      throw new GreenletError('taskDone() was called more often than items were put in', 'ERR_GREENLETS_TASK_DONE');
    }
    this.dropped();
  }

  /**
   * Waits until all items have been dealt with; those put in meanwhile as well.
   *
   * @returns true; false if the time was over first.
   */
  join(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.#unfinished === 0 || parkUntil(this.#joiners, limit) !== EXPIRED;
  }

  /** @internal */
  protected override accepted(): void {
    this.#unfinished++;
  }
  /** @internal */
  protected override dropped(): void {
    this.#unfinished--;
    if (this.#unfinished === 0) this.#joiners.wakeAll(true);
  }
}
