/**
 * Promises as something to park on.
 *
 * Reactions cannot be taken back from a promise: those of a wait that was given up find nobody, and a late rejection
 * counts as handled. So that waits which expire again and again leave no more behind than one, a promise that was
 * given up, or selected on, is followed from then on: it has one more reaction, which serves all who wait for it.
 */
import { types } from '../builtins.ts';
import { hub } from './hub.ts';
import { QueueNode, WaitQueue } from './wait-queue.ts';
import type { WaitSource } from './waiter.ts';

/** A promise or thenable. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/** Tells a rejection from an error that cut the wait short: only the first gets the waiting line appended. */
export class Rejection {
  readonly reason: unknown;
  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** A promise for one wait. Its reactions run on the bare main stack, so the greenlet goes on at once. */
class PromiseSource implements WaitSource {
  readonly #promise: PromiseLike<unknown>;
  #node: QueueNode | null = null;

  constructor(promise: PromiseLike<unknown>) {
    this.#promise = promise;
  }
  register(node: QueueNode): void {
    this.#node = node;
    this.#react(this.#promise);
  }
  #react(promise: PromiseLike<unknown>): void {
    promise.then(
      (value) => {
        // A thenable may resolve with another one, which a promise never does: `await` follows it, too.
        if (isPromise(value)) this.#react(value);
        else if (this.#node !== null) this.#settle(this.#node, value, false);
      },
      (error: unknown) => {
        if (this.#node !== null) this.#settle(this.#node, error, true);
      },
    );
  }
  #settle(node: QueueNode, outcome: unknown, failed: boolean): void {
    hub.beginEvent();
    if (failed) node.fail(new Rejection(outcome));
    else node.wake(outcome);
    hub.pumpNow();
  }
  /** The wait was given up. */
  unregister(): void {
    this.#node = null;
    if (types.isPromise(this.#promise)) follow(this.#promise); // a thenable may do its work anew for each `then`
  }
}

/** A promise that is followed: known to be ready as soon as it has settled. */
class FollowedPromise extends QueueNode implements WaitSource {
  readonly #waiters = new WaitQueue();
  /** Gives a node what the promise has settled with. */
  #serve: ((node: QueueNode) => boolean) | null = null;

  register(node: QueueNode): void {
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
let anyFollowed = false;

/** Follows a promise: what a `select` with it parks on, the same each time. */
export function follow(promise: PromiseLike<unknown>): WaitSource {
  let source = followed.get(promise);
  if (source === undefined) {
    source = new FollowedPromise();
    new PromiseSource(promise).register(source);
    followed.set(promise, source);
    anyFollowed = true;
  }
  return source;
}

/** What a wait for `promise` parks on, once. */
export function sourceToWaitOn(promise: PromiseLike<unknown>): WaitSource {
  return (anyFollowed ? followed.get(promise) : undefined) ?? new PromiseSource(promise);
}
