import type { RawGreenlet } from '../engine/raw-greenlet.ts';
import { hub } from './hub.ts';
import type { TimerEntry } from './timers.ts';
import type { QueueNode, WaitQueue } from './wait-queue.ts';

/** What `park` returns when its own timeout has run out. */
export const EXPIRED: unique symbol = Symbol('expired');

/** Something that can be waited for. `register` may wake the node at once; `unregister` undoes it completely. */
export interface WaitSource {
  register(node: QueueNode): void;
  unregister(node: QueueNode): void;
  /** Somebody was ended by force while `node` waits here: fails it if it waits for something that a `broke` one holds. */
  abandoned?(node: QueueNode): void;
}

export type WaiterState = 'waiting' | 'woken' | 'failed' | 'expired';

/**
 * One blocking call of one greenlet. Served exactly once; all later calls are harmless.
 *
 * Each blocking call makes one: no superclass and no field initializers, so that V8 makes it in place.
 */
export class Waiter implements QueueNode, TimerEntry {
  declare prev: QueueNode | null;
  declare next: QueueNode | null;
  declare queue: WaitQueue | null;
  declare readonly group: null;
  declare readonly item: unknown;
  declare readonly greenlet: RawGreenlet;
  declare readonly source: WaitSource;
  /** When it began to wait, see `Hub.since`. */
  declare readonly began: number;
  declare state: WaiterState;
  /** The value it was woken with, or the error. */
  declare outcome: unknown;
  declare deadline: number;
  declare heapIndex: number;
  declare order: number;
  static {
    Object.defineProperty(Waiter.prototype, 'group', { value: null });
  }

  constructor(greenlet: RawGreenlet, source: WaitSource, item?: unknown) {
    this.prev = null;
    this.next = null;
    this.queue = null;
    this.item = item;
    this.greenlet = greenlet;
    this.source = source;
    this.began = hub.time;
    this.state = 'waiting';
    this.outcome = undefined;
    this.deadline = 0;
    this.heapIndex = -1;
    this.order = 0;
  }

  wake(value: unknown): boolean {
    return settle(this, 'woken', value);
  }

  fail(error: unknown): boolean {
    return settle(this, 'failed', error);
  }

  /** Gives up: leaves the queue, and raises `error` in the greenlet. */
  cancel(error: unknown): boolean {
    if (this.state !== 'waiting') return false;
    this.source.unregister(this);
    return settle(this, 'failed', error);
  }

  /** The timeout of the call itself has run out. */
  expire(): void {
    if (this.state !== 'waiting') return;
    this.source.unregister(this);
    settle(this, 'expired', EXPIRED);
  }
}

/** A function: a private method would cost every waiter a hidden field. */
function settle(waiter: Waiter, state: WaiterState, outcome: unknown): boolean {
  if (waiter.state !== 'waiting') return false;
  waiter.state = state;
  waiter.outcome = outcome;
  if (waiter.heapIndex !== -1) hub.timers.remove(waiter);
  if (waiter.greenlet.waiter === waiter) hub.makeReady(waiter.greenlet);
  return true;
}
