import { appendToStack, stackParts } from '../engine/stack-text.ts';
import { checkTimeout, park, type TimeoutLike } from './park.ts';
import { Rejection, sourceToWaitOn } from './promise-source.ts';

/**
 * Waits for `promise`.
 *
 * @returns its value, or `EXPIRED`.
 * @throws the rejection reason itself; the waiting line is appended to its stack once.
 */
export function parkOnPromise(promise: PromiseLike<unknown>, timeout?: TimeoutLike): unknown {
  checkTimeout(timeout);
  try {
    return park(sourceToWaitOn(promise), timeout);
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
