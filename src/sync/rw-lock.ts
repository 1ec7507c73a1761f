import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { assertFunction } from '../hub/check.ts';
import { hub } from '../hub/hub.ts';
import { notWaitable } from '../hub/linkable.ts';
import { assertCanBlock, enter, parkUntil } from '../hub/park.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import type { Waiter, WaitSource } from '../hub/waiter.ts';
import { brokenLock } from './lock.ts';

type Mode = 'read' | 'write';

/**
 * A lock for many readers or one writer. All stand in one line, first in first out: readers that come after a waiting
 * writer wait behind it, so that writers are not starved; but who reads already may read again. When one who holds it is
 * ended by force, it is broken, as a Lock is: whoever has to wait for it gets a GreenletError.
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
    abandoned: (node) => {
      if (!this.#isBroken()) return;
      this.#waiters.unregister(node);
      node.fail(brokenLock());
    },
  };
  /** Who reads or writes, and how often. */
  readonly #holders = new Map<RawGreenlet, number>();
  #readers = 0;
  #writing = false;
  #broken = false;
  #forcedEnds = hub.forcedEnds;

  /** How many read now. */
  get readers(): number {
    return this.#readers;
  }
  /** True while one writes. */
  get writing(): boolean {
    return this.#writing;
  }

  /**
   * Runs `fn` beside other readers, with no writer.
   *
   * @throws {GreenletError} with code `ERR_GREENLETS_NESTED_LOCK` inside `write`.
   */
  read<T>(fn: () => T): T {
    return this.#run('read', fn);
  }

  /**
   * Runs `fn` alone.
   *
   * @throws {GreenletError} with code `ERR_GREENLETS_NESTED_LOCK` inside `read` or `write`.
   */
  write<T>(fn: () => T): T {
    return this.#run('write', fn);
  }

  #run<T>(mode: Mode, fn: () => T): T {
    assertFunction(fn);
    const limit = enter();
    const self = engine.current as RawGreenlet;
    if (this.#holders.has(self)) {
      this.#assertNestable(mode);
      this.#take(self, mode); // a writer that waits, waits for this one in any case
    } else if (this.#waiters.size === 0 && this.#admits(mode)) this.#take(self, mode);
    else {
      this.#assertWhole();
      parkUntil(this.#line, limit, mode);
    }
    try {
      return fn();
    } finally {
      this.#giveBack(self, mode);
      this.#admitNext();
    }
  }

  /** Who holds it can only read within reading: it would wait for itself. */
  #assertNestable(mode: Mode): void {
    if (mode === 'read' && !this.#writing) return;
    assertCanBlock();
    throw new GreenletError(
      `the current greenlet is in ${this.#writing ? 'write' : 'read'}() already: ${mode}() would wait for itself`,
      'ERR_GREENLETS_NESTED_LOCK',
    );
  }

  #assertWhole(): void {
    if (this.#isBroken()) throw brokenLock();
  }

  /** True once one who holds it was ended by force. Holders are looked at only if any greenlet was since the last time. */
  #isBroken(): boolean {
    if (!this.#broken && this.#forcedEnds !== hub.forcedEnds) {
      this.#forcedEnds = hub.forcedEnds;
      for (const holder of this.#holders.keys()) this.#broken ||= holder.broke;
    }
    return this.#broken;
  }

  #admits(mode: unknown): boolean {
    return !this.#writing && (mode === 'read' || this.#readers === 0);
  }
  #take(greenlet: RawGreenlet, mode: unknown): void {
    this.#holders.set(greenlet, (this.#holders.get(greenlet) ?? 0) + 1);
    if (mode === 'write') this.#writing = true;
    else this.#readers++;
  }
  #giveBack(greenlet: RawGreenlet, mode: Mode): void {
    const times = this.#holders.get(greenlet) as number;
    if (times === 1) this.#holders.delete(greenlet);
    else this.#holders.set(greenlet, times - 1);
    if (mode === 'write') this.#writing = false;
    else this.#readers--;
  }

  /** Lets in whoever stands in front, as long as they go together. */
  #admitNext(): void {
    for (let first = this.#waiters.first; first !== null && this.#admits(first.item); first = this.#waiters.first) {
      this.#waiters.unregister(first);
      if (first.wake(undefined)) this.#take((first as Waiter).greenlet, first.item);
    }
  }
}
Object.defineProperty(RWLock.prototype, notWaitable, { value: 'lock.read() or lock.write()' });
