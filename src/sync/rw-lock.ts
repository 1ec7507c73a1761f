import { assertFunction } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import { enter, parkUntil } from '../hub/park.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';

type Mode = 'read' | 'write';

/**
 * A lock for many readers or one writer. All stand in one line, first in first out: readers that come after a waiting
 * writer wait behind it, so that writers are not starved. Neither may be nested in the other.
 *
 * @example
 * const row = table.read(() => find(key));
 * table.write(() => insert(row));
 */
export class RWLock {
  declare readonly [notWaitable]: string;
  readonly #waiters = new WaitQueue();
  readonly #line: WaitSource = {
    register: (node) => this.#waiters.register(node),
    unregister: (node) => {
      this.#waiters.unregister(node);
      this.#admitNext(); // a writer that gives up may have kept readers waiting
    },
  };
  #readers = 0;
  #writing = false;

  /** How many read now. */
  get readers(): number {
    return this.#readers;
  }
  /** True while one writes. */
  get writing(): boolean {
    return this.#writing;
  }

  /** Runs `fn` beside other readers, with no writer. */
  read<T>(fn: () => T): T {
    return this.#run('read', fn);
  }

  /** Runs `fn` alone. */
  write<T>(fn: () => T): T {
    return this.#run('write', fn);
  }

  #run<T>(mode: Mode, fn: () => T): T {
    assertFunction(fn);
    const limit = enter();
    if (this.#waiters.size === 0 && this.#admits(mode)) this.#take(mode);
    else parkUntil(this.#line, limit, mode);
    try {
      return fn();
    } finally {
      if (mode === 'write') this.#writing = false;
      else this.#readers--;
      this.#admitNext();
    }
  }

  #admits(mode: unknown): boolean {
    return !this.#writing && (mode === 'read' || this.#readers === 0);
  }
  #take(mode: unknown): void {
    if (mode === 'write') this.#writing = true;
    else this.#readers++;
  }

  /** Lets in whoever stands in front, as long as they go together. */
  #admitNext(): void {
    for (let first = this.#waiters.first; first !== null && this.#admits(first.item); first = this.#waiters.first) {
      this.#waiters.unregister(first);
      if (first.wake(undefined)) this.#take(first.item);
    }
  }
}
Object.defineProperty(RWLock.prototype, notWaitable, { value: 'lock.read() or lock.write()' });
