/** How a queue keeps its items: what comes out first. */
import { RingBuffer } from '../hub/ring-buffer.ts';

/** Items in some order. `shift` and `peek` are only called while there are any. */
export interface Store<T> {
  readonly size: number;
  push(item: T): void;
  shift(): T | undefined;
  peek(): T | undefined;
}

/** First in, first out. */
export class FifoStore<T> extends RingBuffer<T> implements Store<T> {}

/** Last in, first out. */
export class LifoStore<T> implements Store<T> {
  readonly #items: T[] = [];
  get size(): number {
    return this.#items.length;
  }
  push(item: T): void {
    this.#items.push(item);
  }
  shift(): T | undefined {
    return this.#items.pop();
  }
  peek(): T | undefined {
    return this.#items[this.#items.length - 1];
  }
}

/** Negative if `a` comes out before `b`, positive if after it. */
export type Compare<T> = (a: T, b: T) => number;

/** Smallest first: numbers, strings, dates by `<`; arrays by their first elements that differ, as Python's tuples. */
export function naturalOrder(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < a.length && i < b.length; i++) {
      const order = naturalOrder(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  return (a as number) < (b as number) ? -1 : (b as number) < (a as number) ? 1 : 0;
}

interface Entry<T> {
  item: T;
  order: number;
}

/** A binary heap, smallest first; among equals, first in first out. */
export class PriorityStore<T> implements Store<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #compare: Compare<T>;
  #added = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }
  get size(): number {
    return this.#heap.length;
  }
  peek(): T | undefined {
    return this.#heap[0]?.item;
  }

  push(item: T): void {
    const heap = this.#heap;
    const entry = { item, order: this.#added++ };
    // Compared before anything is moved: a compare function that throws leaves the heap as it was.
    let index = heap.length;
    const path: number[] = [];
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(entry, heap[parent] as Entry<T>)) break;
      path.push(parent);
      index = parent;
    }
    let hole = heap.length;
    for (const parent of path) {
      heap[hole] = heap[parent] as Entry<T>;
      hole = parent;
    }
    heap[hole] = entry;
  }

  shift(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || first === undefined || heap.length === 0) return first?.item;
    let index = 0;
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      const right = heap[child + 1];
      if (right !== undefined && this.#before(right, heap[child] as Entry<T>)) child++;
      const below = heap[child] as Entry<T>;
      if (!this.#before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first.item;
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const order = this.#compare(a.item, b.item);
    return order < 0 || (order === 0 && a.order < b.order);
  }
}
