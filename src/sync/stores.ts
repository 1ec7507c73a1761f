/** How a queue keeps its items: what comes out first. */
import { GreenletError } from '../errors.ts';
import { RingBuffer } from '../hub/ring-buffer.ts';

/** Items in some order. `shift` and `peek` are only called while there are any. */
export interface Store<T> {
  readonly size: number;
  push(item: T): void;
  shift(): T | undefined;
  peek(): T | undefined;
  clear(): void;
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
  clear(): void {
    this.#items.length = 0;
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

/**
 * A binary heap, smallest first; among equals, first in first out. A compare function that throws leaves it as it was:
 * all comparisons of an operation are made before anything is moved. An operation during which the compare function
 * itself has changed the heap is refused.
 */
export class PriorityStore<T> implements Store<T> {
  readonly #heap: Entry<T>[] = [];
  readonly #compare: Compare<T>;
  #added = 0;
  #changes = 0;

  constructor(compare: Compare<T>) {
    this.#compare = compare;
  }
  get size(): number {
    return this.#heap.length;
  }
  peek(): T | undefined {
    return this.#heap[0]?.item;
  }
  clear(): void {
    this.#changes++;
    this.#heap.length = 0;
  }

  push(item: T): void {
    const heap = this.#heap;
    const entry = { item, order: this.#added++ };
    const path = [heap.length];
    for (let index = heap.length; index > 0; ) {
      index = (index - 1) >> 1;
      if (!this.#before(entry, heap[index] as Entry<T>)) break;
      path.push(index);
    }
    this.#changes++;
    this.#moveInto(path, entry);
  }

  shift(): T | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap[heap.length - 1] as Entry<T>;
    const path = [0];
    const size = heap.length - 1;
    for (let child = 1; child < size; child = 2 * child + 1) {
      if (child + 1 < size && this.#before(heap[child + 1] as Entry<T>, heap[child] as Entry<T>)) child++;
      if (!this.#before(heap[child] as Entry<T>, last)) break;
      path.push(child);
    }
    this.#changes++;
    heap.length = size;
    if (size > 0) this.#moveInto(path, last);
    return first?.item;
  }

  /** Moves each entry of `path` to the place before it, and `entry` to the last place, which has become free. */
  #moveInto(path: number[], entry: Entry<T>): void {
    const heap = this.#heap;
    for (let i = 1; i < path.length; i++) heap[path[i - 1] as number] = heap[path[i] as number] as Entry<T>;
    heap[path[path.length - 1] as number] = entry;
  }

  #before(a: Entry<T>, b: Entry<T>): boolean {
    const changes = this.#changes;
    const order = this.#compare(a.item, b.item);
    if (changes !== this.#changes) {
      throw new GreenletError('a PriorityQueue was changed while its compare function ran');
    }
    return order < 0 || (!(order > 0) && a.order < b.order); // equal is NaN as well, and 0n
  }
}
