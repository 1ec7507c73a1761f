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
 * A wait that was given up leaves the reactions behind; they find nobody, and a late rejection counts as handled.
 */
export class PromiseSource implements WaitSource {
  readonly #promise: PromiseLike<unknown>;
  #node: QueueNode | null = null;

  constructor(promise: PromiseLike<unknown>) {
    this.#promise = promise;
  }
  register(node: QueueNode): void {
    this.#node = node;
    this.#follow(this.#promise);
  }
  #follow(promise: PromiseLike<unknown>): void {
    promise.then(
      (value) => {
        // A thenable may resolve with another one, which a promise never does: `await` follows it, too.
        if (isPromise(value)) this.#follow(value);
        else if (this.#node?.wake(value)) hub.pumpNow();
      },
      (error: unknown) => {
        if (this.#node?.fail(new Rejection(error))) hub.pumpNow();
      },
    );
  }
  unregister(): void {
    this.#node = null;
  }
}

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
    return park(new PromiseSource(promise), timeout);
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
