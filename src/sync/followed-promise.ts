import { PromiseSource } from '../hub/wait-promise.ts';
import { QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';

/**
 * A promise that was selected on: it is followed once, however many calls come back to it, and known to be ready as soon
 * as it has settled.
 */
class FollowedPromise extends QueueNode implements WaitSource {
  readonly #promise: PromiseSource;
  readonly #waiters = new WaitQueue();
  #followed = false;
  /** Gives a node what the promise has settled with. */
  #serve: ((node: QueueNode) => boolean) | null = null;

  constructor(promise: PromiseLike<unknown>) {
    super();
    this.#promise = new PromiseSource(promise);
  }

  register(node: QueueNode): void {
    if (!this.#followed) {
      this.#followed = true;
      this.#promise.register(this);
    }
    if (this.#serve === null) this.#waiters.register(node);
    else this.#serve(node);
  }
  unregister(node: QueueNode): void {
    this.#waiters.unregister(node);
  }

  override wake(value: unknown): boolean {
    return this.#settle((node) => node.wake(value));
  }
  override fail(error: unknown): boolean {
    return this.#settle((node) => node.fail(error));
  }
  #settle(serve: (node: QueueNode) => boolean): boolean {
    const awaited = this.#waiters.size > 0;
    this.#serve ??= serve;
    for (let node = this.#waiters.shift(); node !== null; node = this.#waiters.shift()) this.#serve(node);
    return awaited;
  }
}

const followed = new WeakMap<PromiseLike<unknown>, FollowedPromise>();

/** What a `select` with `promise` waits on: the same each time. */
export function sourceOfPromise(promise: PromiseLike<unknown>): FollowedPromise {
  let source = followed.get(promise);
  if (source === undefined) followed.set(promise, (source = new FollowedPromise(promise)));
  return source;
}
