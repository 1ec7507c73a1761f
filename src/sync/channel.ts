import { QueueEmpty, QueueFull, QueueShutDown } from '../errors.ts';
import { assertOptions } from '../hub/check.ts';
import { notWaitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { type Case, caseOf } from './case.ts';
import type { ShutdownOptions } from './queue.ts';

/**
 * A rendezvous: it holds nothing. `put` returns when a `get` has taken the item, `get` when a `put` has brought one;
 * both first in, first out. A call cut short has had no effect.
 *
 * @example
 * const channel = new Channel<number>();
 * spawn(() => { for (let i = 0; i < 3; i++) channel.put(i); channel.shutdown(); });
 * for (const n of channel) console.log(n);
 */
export class Channel<T = unknown> {
  declare readonly [notWaitable]: string;
  readonly #getters = new WaitQueue();
  readonly #putters = new WaitQueue();
  readonly #getSource: WaitSource;
  readonly #putSource: WaitSource;
  #shut = false;

  constructor() {
    this.#getSource = {
      register: (node) => this.#registerGetter(node),
      unregister: (node) => this.#getters.unregister(node),
    };
    this.#putSource = {
      register: (node) => this.#registerPutter(node),
      unregister: (node) => this.#putters.unregister(node),
    };
  }

  /** Always 0. */
  get size(): number {
    return 0;
  }
  /** Always true. */
  get empty(): boolean {
    return true;
  }
  /** Always true. */
  get full(): boolean {
    return true;
  }

  /**
   * Gives `item` to a `get`; waits for one.
   *
   * @throws {QueueFull} if nobody took it in time; {QueueShutDown} once it was shut down. Nobody has it then.
   */
  put(item: T, timeout?: TimeoutLike): void {
    const limit = enter(timeout);
    if (this.#offer(item)) return;
    if (parkUntil(this.#putSource, limit, item) === EXPIRED) throw new QueueFull('nobody took the item');
  }

  /** As `put(item, 0)`: only if somebody waits in `get`. */
  putNowait(item: T): void {
    if (!this.#offer(item)) throw new QueueFull('nobody waits for an item');
  }

  /**
   * Takes an item from a `put`; waits for one.
   *
   * @throws {QueueEmpty} if none came in time; {QueueShutDown} once it was shut down.
   */
  get(timeout?: TimeoutLike): T {
    const limit = enter(timeout);
    const putter = this.#putters.shift();
    if (putter?.wake(undefined)) return putter.item as T;
    const item = parkUntil<T>(this.#getSource, limit);
    if (item === EXPIRED) throw new QueueEmpty('nobody brought an item');
    return item;
  }

  /** As `get(0)`: only if somebody waits in `put`. */
  getNowait(): T {
    const putter = this.#putters.shift();
    if (putter?.wake(undefined)) return putter.item as T;
    throw this.#shut ? new QueueShutDown() : new QueueEmpty('nobody waits with an item');
  }

  /** Ends it: all who wait, and all later calls, get QueueShutDown. It holds nothing, so `immediate` changes nothing. */
  shutdown(options: ShutdownOptions = {}): void {
    assertOptions(options);
    this.#shut = true;
    this.#putters.failAll(new QueueShutDown());
    this.#getters.failAll(new QueueShutDown());
  }

  /** Takes items until it was shut down; waits for each. */
  *[Symbol.iterator](): IterableIterator<T> {
    while (!this.#shut) {
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

  /** A case of `select`: takes an item. */
  onGet(): Case<T> {
    return caseOf<T>(this.#getSource);
  }
  /** A case of `select`: gives `item` away. */
  onPut(item: T): Case<undefined> {
    return caseOf<undefined>(this.#putSource, item);
  }

  #offer(item: T): boolean {
    if (this.#shut) throw new QueueShutDown();
    return this.#getters.wakeOne(item);
  }

  #registerGetter(node: QueueNode): void {
    const putter = this.#putters.shift(node);
    if (putter?.wake(undefined)) node.wake(putter.item);
    else if (this.#shut) node.fail(new QueueShutDown());
    else this.#getters.register(node);
  }

  #registerPutter(node: QueueNode): void {
    const getter = this.#getters.shift(node);
    if (getter?.wake(node.item)) node.wake(undefined);
    else if (this.#shut) node.fail(new QueueShutDown());
    else this.#putters.register(node);
  }
}
Object.defineProperty(Channel.prototype, notWaitable, { value: 'channel.get()' });
