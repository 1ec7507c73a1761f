/**
 * All timers of the hub: a binary heap by deadline, and one timer of Node for the earliest. Entries know their place,
 * so cancelling is as cheap as adding. Node's functions are taken at load: fake timers of test libraries do no harm.
 */
import type { RawGreenlet } from '../engine/raw-greenlet.ts';
import { now } from './now.ts';

/** Something that expires. Equal deadlines expire in the order in which they were added. */
export interface TimerEntry {
  /** Milliseconds on the clock's scale. */
  deadline: number;
  /** Place in the heap; -1 = not pending. */
  heapIndex: number;
  order: number;
  /** For whom it expires, where that is one greenlet. */
  readonly greenlet?: RawGreenlet;
  expire(): void;
}

/** Where time comes from; replaced by a virtual one in tests. */
export interface Clock {
  now(): number;
  /** Calls `wake` once at `deadline` or soon after; replaces the call asked for before. */
  arm(deadline: number, wake: () => void): void;
  disarm(): void;
}

const { setTimeout, clearTimeout } = globalThis;
// A Node timer's delay is a signed 32-bit number of milliseconds.
const LONGEST = 2 ** 31 - 1;

class SystemClock implements Clock {
  #timer: NodeJS.Timeout | undefined;
  now(): number {
    return now();
  }
  arm(deadline: number, wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(wake, Math.min(LONGEST, Math.max(1, Math.ceil(deadline - now()))));
  }
  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

export class Timers {
  #clock: Clock = new SystemClock();
  /** By how much the clocks that were put in have differed so far. */
  #shifted = 0;
  readonly #heap: TimerEntry[] = [];
  #added = 0;
  #armedFor = Number.POSITIVE_INFINITY;
  readonly #onExpired: () => void;

  /** @param onExpired called on the main stack after entries have expired. */
  constructor(onExpired: () => void) {
    this.#onExpired = onExpired;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** All that is pending, in no order. */
  [Symbol.iterator](): IterableIterator<TimerEntry> {
    return this.#heap.values();
  }

  get clock(): Clock {
    return this.#clock;
  }
  /** Milliseconds on a scale that goes on when the clock is replaced. */
  get steadyTime(): number {
    return this.#clock.now() - this.#shifted;
  }
  /** What is pending keeps the time that it has left. */
  set clock(clock: Clock) {
    const shift = clock.now() - this.#clock.now();
    this.#shifted += shift;
    this.#clock.disarm();
    this.#clock = clock;
    for (const entry of this.#heap) entry.deadline += shift;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const first = this.#heap[0];
    if (first !== undefined) this.#arm(first.deadline);
  }

  /** Lets `entry` expire in `ms` milliseconds. */
  add(entry: TimerEntry, ms: number): void {
    entry.deadline = this.#clock.now() + ms;
    entry.order = ++this.#added;
    entry.heapIndex = this.#heap.length;
    this.#heap.push(entry);
    this.#up(entry);
    if (entry.deadline < this.#armedFor) this.#arm(entry.deadline);
  }

  /** Takes `entry` out; nothing happens if it is not pending. */
  remove(entry: TimerEntry): void {
    const index = entry.heapIndex;
    if (index === -1) return;
    entry.heapIndex = -1;
    const last = this.#heap.pop() as TimerEntry;
    if (last !== entry) {
      this.#heap[index] = last;
      last.heapIndex = index;
      this.#up(last);
      this.#down(last);
    }
    // An armed timer that finds nothing due is harmless, but with nothing left it must not hold the process.
    if (this.#heap.length === 0) {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#clock.disarm();
    }
  }

  /** Takes out all that would expire for greenlets that were ended by force. */
  forgetBroken(): void {
    for (const entry of [...this.#heap]) if (entry.greenlet?.broke === true) this.remove(entry);
  }

  readonly #wake = (): void => {
    this.#armedFor = Number.POSITIVE_INFINITY;
    const time = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.deadline <= time; first = this.#heap[0]) {
      this.remove(first);
      first.expire();
    }
    const next = this.#heap[0];
    if (next !== undefined && next.deadline < this.#armedFor) this.#arm(next.deadline);
    this.#onExpired();
  };

  #arm(deadline: number): void {
    this.#armedFor = deadline;
    this.#clock.arm(deadline, this.#wake);
  }

  #up(entry: TimerEntry): void {
    const heap = this.#heap;
    let index = entry.heapIndex;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as TimerEntry;
      if (!before(entry, above)) break;
      heap[index] = above;
      above.heapIndex = index;
      index = parent;
    }
    heap[index] = entry;
    entry.heapIndex = index;
  }

  #down(entry: TimerEntry): void {
    const heap = this.#heap;
    let index = entry.heapIndex;
    for (;;) {
      let child = 2 * index + 1;
      const right = heap[child + 1];
      let below = heap[child];
      if (below === undefined) break;
      if (right !== undefined && before(right, below)) {
        child++;
        below = right;
      }
      if (!before(below, entry)) break;
      heap[index] = below;
      below.heapIndex = index;
      index = child;
    }
    heap[index] = entry;
    entry.heapIndex = index;
  }
}

function before(a: TimerEntry, b: TimerEntry): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.order < b.order);
}
