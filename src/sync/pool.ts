import { limitOf } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import type { TimeoutLike } from '../hub/park.ts';
import { Group, type GroupOptions } from './group.ts';
import { Semaphore } from './semaphore.ts';

/**
 * A group of at most so many members at a time: `spawn`, `add` and `start` wait while it is full, first in first out. A
 * slot is free as soon as its member has ended, in whatever way.
 *
 * @example
 * const pool = new Pool(20);
 * const pages = pool.map(download, urls);
 */
export class Pool extends Group {
  /** Most members at a time; Infinity if there is no limit. */
  readonly limit: number;
  readonly #slots: Semaphore | null;

  /**
   * @param limit most members at a time; none = no limit, 0 = always full.
   * @throws {RangeError|TypeError} if `limit` is no whole number, 0 or more.
   */
  constructor(limit?: number | null, options?: GroupOptions) {
    super(options);
    this.limit = limitOf('limit', limit);
    this.#slots = this.limit === Number.POSITIVE_INFINITY ? null : new Semaphore(this.limit);
  }

  /** How many members may be added without waiting. */
  get freeCount(): number {
    return this.#slots?.counter ?? Number.POSITIVE_INFINITY;
  }
  /** True while adding a member waits. */
  get full(): boolean {
    return this.freeCount === 0;
  }

  /**
   * Waits until there is room, without taking it.
   *
   * @returns true; false if the time was over first.
   */
  waitAvailable(timeout?: TimeoutLike): boolean {
    return (this.#slots ?? ALWAYS).wait(timeout);
  }

  /** @internal */
  protected override admit(): void {
    this.#slots?.acquire();
  }
  /** @internal */
  protected override tryAdmit(): boolean {
    return this.#slots?.tryAcquire() ?? true;
  }
  /** @internal */
  protected override left(): void {
    this.#slots?.release();
  }
}
Object.defineProperty(Pool.prototype, notWaitable, { value: 'pool.join()' });

const ALWAYS = new Semaphore(1);
