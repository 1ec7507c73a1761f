import { hub } from './hub.ts';
import { QueueNode } from './wait-queue.ts';

/** The protocol of everything that `wait`, `waitReady`, `iwait` and `select` take. */
export const waitable: unique symbol = Symbol('greenlets.waitable');

/** On objects that can be waited for in several ways: what to call instead of `wait`, as text. */
export const notWaitable: unique symbol = Symbol('greenlets.notWaitable');

/** Something that becomes ready. `register` wakes a node at once if it is ready already. */
export interface Waitable<T = unknown> {
  readonly [waitable]: true;
  register(node: QueueNode): void;
  unregister(node: QueueNode): void;
  /** Once ready: what `wait` returns or throws. */
  outcome(): T;
  /** Called when somebody begins to wait: a failure will not go unseen. */
  observe?(): void;
}

export function isWaitable(value: unknown): value is Waitable {
  return typeof value === 'object' && value !== null && (value as Partial<Waitable>)[waitable] === true;
}

/** A callback that stands in the wait queue between waiters, so that all are served in the order they came. */
class Link extends QueueNode {
  readonly key: unknown;
  readonly #run: () => void;
  #unlinked = false;

  constructor(key: unknown, run: () => void) {
    super();
    this.key = key;
    this.#run = run;
  }

  override wake(): boolean {
    hub.schedule(() => {
      if (!this.#unlinked) this.#run();
    });
    return true;
  }
  override fail(): boolean {
    return this.wake();
  }
  /** It is not called any more, even if it was woken already. */
  unlink(): void {
    this.#unlinked = true;
    this.queue?.unregister(this);
  }
}

/** The links of one object, by callback. */
export class Links {
  readonly #queue: { register(node: QueueNode): void };
  readonly #links = new Set<Link>();

  /** @param queue where links stand, between the waiters. */
  constructor(queue: { register(node: QueueNode): void }) {
    this.#queue = queue;
  }

  /** Calls `run` once, on the main stack: when the queue wakes it; soon, never inline, if that is at once. */
  add(key: unknown, run: () => void): void {
    const link: Link = new Link(key, () => {
      this.#links.delete(link);
      run();
    });
    this.#links.add(link);
    this.#queue.register(link);
  }

  /** Removes every registration of `key` that was not called yet. */
  remove(key: unknown): void {
    for (const link of this.#links) {
      if (link.key !== key) continue;
      this.#links.delete(link);
      link.unlink();
    }
  }
}

export function assertCallback(callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError(`expected a function, got ${String(callback)}`);
}
