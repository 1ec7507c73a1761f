import { types } from '../builtins.ts';
import { appendToStack, stackParts } from '../engine/stack-text.ts';
import { hub } from './hub.ts';
import { checkTimeout, park, type TimeoutLike } from './park.ts';
import type { QueueNode } from './wait-queue.ts';
import type { WaitSource } from './waiter.ts';

/** A promise or thenable. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * A promise as something to park on. Its reactions run on the bare main stack, so the greenlet goes on at once.
 *
 * Reactions cannot be taken back from a promise. Those of a wait that was given up find nobody, a late rejection counts
 * as handled, and the next wait for that promise takes them over: so many expired waits cost no more than one.
 */
export class PromiseSource implements WaitSource {
  readonly #promise: PromiseLike<unknown>;
  #node: QueueNode | null = null;
  /** The promise has its reactions and has not settled. */
  #isFollowing = false;
  /** Given up before this one, for the same promise. */
  #before: PromiseSource | undefined;

  private constructor(promise: PromiseLike<unknown>) {
    this.#promise = promise;
  }

  /** To be parked on once. */
  static of(promise: PromiseLike<unknown>): PromiseSource {
    const source = anyGivenUp ? givenUp.get(promise) : undefined;
    if (source === undefined) return new PromiseSource(promise);
    if (source.#before === undefined) givenUp.delete(promise);
    else givenUp.set(promise, source.#before);
    return source;
  }

  register(node: QueueNode): void {
    this.#node = node;
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    this.#follow(this.#promise);
  }
  #follow(promise: PromiseLike<unknown>): void {
    promise.then(
      (value) => {
        // A thenable may resolve with another one, which a promise never does: `await` follows it, too.
        if (isPromise(value)) this.#follow(value);
        else if (this.#settled()?.wake(value)) hub.pumpNow();
      },
      (error: unknown) => {
        if (this.#settled()?.fail(new Rejection(error))) hub.pumpNow();
      },
    );
  }
  #settled(): QueueNode | null {
    this.#isFollowing = false;
    if (anyGivenUp) givenUp.delete(this.#promise);
    return this.#node;
  }
  unregister(): void {
    const waited = this.#node !== null;
    this.#node = null;
    // A thenable may do its work anew for each `then`.
    if (!waited || !this.#isFollowing || !types.isPromise(this.#promise)) return;
    this.#before = givenUp.get(this.#promise);
    givenUp.set(this.#promise, this);
    anyGivenUp = true;
  }
}

/** By promises that are pending: the last source that a wait was given up on. */
const givenUp = new WeakMap<PromiseLike<unknown>, PromiseSource>();
let anyGivenUp = false;

/** Tells a rejection from an error that cut the wait short: only the first gets the waiting line appended. */
export class Rejection {
  readonly reason: unknown;
  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/**
 * Waits for `promise`.
 *
 * @returns its value, or `EXPIRED`.
 * @throws the rejection reason itself; the waiting line is appended to its stack once.
 */
export function parkOnPromise(promise: PromiseLike<unknown>, timeout?: TimeoutLike): unknown {
  checkTimeout(timeout);
  try {
    return park(PromiseSource.of(promise), timeout);
  } catch (error) {
    throw unwrapRejection(error);
  }
}

/** What a rejected promise was rejected with, told where it was waited for; any other error as it is. */
export function unwrapRejection(error: unknown): unknown {
  if (!(error instanceof Rejection)) return error;
  appendWaitingLine(error.reason);
  return error.reason;
}

/** `parkOnPromise` without a timeout. */
export function waitPromise(promise: PromiseLike<unknown>): unknown {
  return parkOnPromise(promise);
}

const appended = new WeakSet<object>();

function appendWaitingLine(reason: unknown): void {
  if (!(reason instanceof Error) || appended.has(reason)) return;
  const [line] = stackParts(new Error()).frames;
  if (line !== undefined && appendToStack(reason, 'waited for by', [line])) appended.add(reason);
}
