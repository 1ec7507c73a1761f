import { assertFunction } from '../hub/check.ts';
import { Links } from '../hub/linkable.ts';
import type { QueueNode } from '../hub/wait-queue.ts';

/** What Event, AsyncResult and Semaphore share: callbacks that stand in the wait queue, between the waiters. */
export abstract class Linked {
  #links: Links | null = null;

  /** Wakes `node` when this is ready; at once if it is. */
  abstract register(node: QueueNode): void;
  /** Undoes `register`. */
  abstract unregister(node: QueueNode): void;

  /**
   * Calls `callback` once, in the hub, where it must not block: when this becomes ready; soon, never inline, if it is.
   *
   * @throws {TypeError} if `callback` is no function.
   */
  rawLink(callback: (source: this) => void): void {
    assertFunction(callback);
    this.links.add(callback, () => callback(this));
  }

  /** @internal */
  protected get links(): Links {
    this.#links ??= new Links(this);
    return this.#links;
  }

  /** Removes every registration of `callback` that was not called yet. */
  unlink(callback: (...args: never[]) => unknown): void {
    this.#links?.remove(callback);
  }
}
