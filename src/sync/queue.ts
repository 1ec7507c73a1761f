/**
 * Queues between greenlets.
 *
 * Invariants. While somebody waits in `get`, there are no items; while somebody waits in `put`, there is no room. So
 * a `put` hands its item straight to the greenlet that has waited longest in `get`, and a `get` that makes room takes in
 * the item of the greenlet that has waited longest in `put`. What was handed over is the receiver's, whatever is
 * killed, timed out or shut down before it runs; a call cut short has had no effect.
 */
import { inspect } from '../builtins.ts';
import { QueueEmpty, QueueFull, QueueShutDown } from '../errors.ts';
import { assertOptions, limitOf } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import { noSwitch } from '../hub/no-switch.ts';
import { EXPIRED, enter, type Limit, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { type Case, caseOf } from './case.ts';
import { type Compare, FifoStore, LifoStore, naturalOrder, PriorityStore, type Store } from './stores.ts';

/** Nodes with this item want to see the next item, not to take it. */
const LOOK = Symbol('look');

/** How to shut a queue down. */
export interface ShutdownOptions {
  /** Drop the items that are left, instead of letting `get` take them (default false). */
  immediate?: boolean;
}

/**
 * First in, first out.
 *
 * @example
 * const jobs = new Queue<string>(100);
 * spawn(() => { for (const url of jobs) download(url); });
 * jobs.put('https://nodejs.org/');
 * jobs.shutdown();
 */
export class Queue<T = unknown> {
  declare readonly [notWaitable]: string;
  /** Most items it holds; Infinity if unbounded. */
  readonly maxsize: number;
  readonly #items: Store<T>;
  readonly #getters = new WaitQueue();
  readonly #putters = new WaitQueue();
  readonly #getSource: WaitSource;
  readonly #putSource: WaitSource;
  #shut = false;

  /**
   * @param maxsize most items it holds; none or 0 = no limit.
   * @throws {RangeError|TypeError} if `maxsize` is no whole number, 0 or more.
   */
  constructor(maxsize?: number | null);
  /** @internal */
  constructor(maxsize: number | null | undefined, store: Store<T>);
  constructor(maxsize?: number | null, store: Store<T> = new FifoStore<T>()) {
    this.maxsize = limitOf('maxsize', maxsize) || Number.POSITIVE_INFINITY;
    this.#items = store;
    this.#getSource = {
      register: (node) => this.#registerGetter(node),
      unregister: (node) => this.#getters.unregister(node),
    };
    this.#putSource = {
      register: (node) => this.#registerPutter(node),
      unregister: (node) => this.#putters.unregister(node),
    };
  }

  /** How many items it holds; those handed to a greenlet that has not run yet are not among them. */
  get size(): number {
    return this.#items.size;
  }
  /** True while it holds none. */
  get empty(): boolean {
    return this.#items.size === 0;
  }
  /** True while it has no room. */
  get full(): boolean {
    return this.#items.size >= this.maxsize;
  }

  /**
   * Puts `item` in; waits while there is no room.
   *
   * @throws {QueueFull} if there was no room in time; {QueueShutDown} once it was shut down. The item is not in then.
   */
  put(item: T, timeout?: TimeoutLike): void {
    const limit = enter(timeout);
    if (this.#offer(item)) return;
    if (parkUntil(this.#putSource, limit, item) === EXPIRED) throw new QueueFull();
  }

  /** As `put(item, 0)`: never waits. */
  putNowait(item: T): void {
    if (!this.#offer(item)) throw new QueueFull();
  }

  /**
   * Takes the next item; waits while there is none.
   *
   * @throws {QueueEmpty} if none came in time; {QueueShutDown} once it was shut down and is empty.
   */
  get(timeout?: TimeoutLike): T {
    const limit = enter(timeout);
    if (this.#items.size > 0) return this.#take();
    return this.#await(limit);
  }

  /** As `get(0)`: never waits. */
  getNowait(): T {
    if (this.#items.size > 0) return this.#take();
    throw this.#shut ? new QueueShutDown() : new QueueEmpty();
  }

  /** As `get`, but leaves the item in. */
  peek(timeout?: TimeoutLike): T {
    const limit = enter(timeout);
    if (this.#items.size > 0) return this.#items.peek() as T;
    return this.#await(limit, LOOK);
  }

  /** As `peek(0)`: never waits. */
  peekNowait(): T {
    if (this.#items.size > 0) return this.#items.peek() as T;
    throw this.#shut ? new QueueShutDown() : new QueueEmpty();
  }

  /**
   * Ends it: from now on `put` throws QueueShutDown, for those who wait in it too, and `get` does once the items that
   * are left are taken. Nothing happens if it is shut down already, unless `immediate` drops what is left.
   */
  shutdown(options: ShutdownOptions = {}): void {
    assertOptions(options);
    const left = options.immediate === true ? this.#items.size : 0;
    if (left > 0) this.#items.clear();
    this.#shut = true;
    this.#putters.failAll(new QueueShutDown());
    this.#getters.failAll(new QueueShutDown());
    for (let i = 0; i < left; i++) this.dropped();
  }

  /** Takes items until it was shut down and is empty; waits for each. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (;;) {
      if (this.#shut && this.#items.size === 0) return;
      let item: T;
      try {
        item = this.get();
      } catch (error) {
        if (this.#shut && error instanceof QueueShutDown) return;
        throw error;
      }
      yield item;
    }
  }

  /** A case of `select`: takes the next item. */
  onGet(): Case<T> {
    return caseOf<T>(this.#getSource);
  }
  /** A case of `select`: puts `item` in. */
  onPut(item: T): Case<undefined> {
    return caseOf<undefined>(this.#putSource, item);
  }

  /** @internal An item has come in. */
  protected accepted(): void {}
  /** @internal An item was dropped by `shutdown`. */
  protected dropped(): void {}

  /** Brings `item` in if that needs no waiting; `by` is the node that brings it, if there is one. */
  #offer(item: T, by?: QueueNode): boolean {
    if (this.#shut) throw new QueueShutDown();
    if (this.#getters.size > 0 && this.#hand(item, by)) {
      this.accepted();
      return true;
    }
    if (this.#items.size >= this.maxsize) return false;
    this.#items.push(item);
    this.accepted();
    return true;
  }

  /** Gives `item` to the first in line who takes it; those before who only look have seen it. */
  #hand(item: T, by?: QueueNode): boolean {
    for (let node = this.#getters.shift(by); node !== null; node = this.#getters.shift(by)) {
      node.wake(item);
      if (node.item !== LOOK) return true;
    }
    return false;
  }

  /** Takes an item out, which makes room. */
  #take(by?: QueueNode): T {
    const item = this.#items.shift() as T;
    if (this.#putters.size > 0) this.#takeIn(by);
    return item;
  }

  /** Brings in the item of the first in line. */
  #takeIn(by?: QueueNode): void {
    for (let node = this.#putters.shift(by); node !== null; node = this.#putters.shift(by)) {
      try {
        this.#items.push(node.item as T);
      } catch (error) {
        node.fail(error); // the compare function of a PriorityQueue has thrown
        continue;
      }
      this.accepted();
      node.wake(undefined);
      return;
    }
  }

  #await(limit: Limit, look?: typeof LOOK): T {
    const item = parkUntil<T>(this.#getSource, limit, look);
    if (item === EXPIRED) throw new QueueEmpty();
    return item;
  }

  #registerGetter(node: QueueNode): void {
    if (this.#items.size > 0) node.wake(node.item === LOOK ? this.#items.peek() : this.#take(node));
    else if (this.#shut) node.fail(new QueueShutDown());
    else this.#getters.register(node);
  }

  #registerPutter(node: QueueNode): void {
    if (this.#shut) node.fail(new QueueShutDown());
    else if (this.#offer(node.item as T, node)) node.wake(undefined);
    else this.#putters.register(node);
  }
}
Object.defineProperty(Queue.prototype, notWaitable, { value: 'queue.get()' });

/** Last in, first out. */
export class LifoQueue<T = unknown> extends Queue<T> {
  constructor(maxsize?: number | null) {
    super(maxsize, new LifoStore<T>());
  }
}

/** Smallest first; among equals, first in first out. */
export class PriorityQueue<T = unknown> extends Queue<T> {
  /**
   * @param maxsize most items it holds; none or 0 = no limit.
   * @param compare negative if its first argument comes out first. By default numbers, strings and dates by `<`, and
   * arrays by their first elements that differ: `[priority, job]`. It cannot block.
   */
  constructor(maxsize?: number | null, compare: Compare<T> = naturalOrder) {
    if (typeof compare !== 'function') throw new TypeError(`compare must be a function, got ${inspect(compare)}`);
    super(maxsize, new PriorityStore<T>(compare === naturalOrder ? compare : (a, b) => noSwitch(() => compare(a, b))));
  }
}

/** An unbounded Queue, by its name in Python. */
export class SimpleQueue<T = unknown> extends Queue<T> {
  constructor() {
    super(null);
  }
}
