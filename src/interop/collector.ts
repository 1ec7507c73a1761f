/** Waits for several things at once and takes them in the order in which they become ready. */

import { hub } from '../hub/hub.ts';
import { assertUnambiguous, isWaitable } from '../hub/linkable.ts';
import { checkpoint, checkTimeout, park, type TimeoutLike } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';

/** One of the things waited for. */
export class Entry extends QueueNode {
  readonly object: unknown;
  readonly index: number;
  readonly #collector: Collector;
  #served = false;
  #failed = false;
  #value: unknown;

  constructor(collector: Collector, object: unknown, index: number) {
    super();
    this.#collector = collector;
    this.object = object;
    this.index = index;
  }

  override wake(value: unknown): boolean {
    return this.#serve(false, value);
  }
  override fail(error: unknown): boolean {
    return this.#serve(true, error);
  }

  /** Its value; throws what it failed with. */
  outcome(): unknown {
    if (isWaitable(this.object)) return this.object.outcome();
    if (this.#failed) throw this.#value;
    return this.#value;
  }

  start(): void {
    const { object } = this;
    if (isWaitable(object)) {
      object.observe?.();
      object.register(this);
    } else if (isPromise(object)) {
      object.then(
        (value) => {
          if (this.wake(value)) hub.pumpNow();
        },
        (error: unknown) => {
          if (this.fail(error)) hub.pumpNow();
        },
      );
    } else {
      this.wake(object);
    }
  }

  stop(): void {
    if (this.#served) return;
    this.#served = true;
    if (isWaitable(this.object)) this.object.unregister(this);
  }

  #serve(failed: boolean, value: unknown): boolean {
    if (this.#served) return false;
    this.#served = true;
    this.#failed = failed;
    this.#value = value;
    this.#collector.arrived(this);
    return true;
  }
}

export class Collector implements WaitSource {
  readonly #entries: Entry[];
  readonly #ready: Entry[] = [];
  #taken = 0;
  #waiter: QueueNode | null = null;
  /** When the time is over, on the hub's steady scale; or the signal that ends it. */
  readonly #deadline: number | AbortSignal;

  /** @param timeout for all of it: in ms, or a signal. */
  constructor(objects: Iterable<unknown>, timeout: TimeoutLike) {
    const limit = checkTimeout(timeout);
    this.#deadline = hasEnd(limit) ? hub.timers.steadyTime + limit : limit;
    const all = [...objects];
    for (const object of all) assertUnambiguous(object);
    this.#entries = all.map((object, index) => new Entry(this, object, index));
    for (const entry of this.#entries) entry.start();
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The next that is ready; `EXPIRED` when the time is over. @throws the reason of an aborted signal. */
  take(): Entry | typeof EXPIRED {
    const deadline = this.#deadline;
    const left = hasEnd(deadline) ? Math.max(0, deadline - hub.timers.steadyTime) : deadline;
    if (left !== 0) checkpoint();
    if (this.#taken === this.#ready.length && park(this, left) === EXPIRED) return EXPIRED;
    return this.#ready[this.#taken++] as Entry;
  }

  /** Leaves no trace on what has not become ready. */
  close(): void {
    for (const entry of this.#entries) entry.stop();
  }

  register(node: QueueNode): void {
    if (this.#taken < this.#ready.length) node.wake(undefined);
    else this.#waiter = node;
  }
  unregister(): void {
    this.#waiter = null;
  }
  arrived(entry: Entry): void {
    this.#ready.push(entry);
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.wake(undefined);
  }
}

function hasEnd(limit: number | AbortSignal): limit is number {
  return Number.isFinite(limit);
}
