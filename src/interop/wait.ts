import { assertUnambiguous, isWaitable, type Waitable } from '../hub/linkable.ts';
import { checkpoint, checkTimeout, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { Timeout } from '../hub/timeout.ts';
import { parkOnPromise } from '../hub/wait-promise.ts';
import { EXPIRED } from '../hub/waiter.ts';

/** What `wait` takes: a promise, a thenable, one of our waitables, or a function that starts something abortable. */
export type Awaitable<T> =
  | T
  | PromiseLike<T>
  | Waitable<T>
  | ((signal: AbortSignal) => PromiseLike<T> | Waitable<T> | T);

/** What `wait` gives for an `A`. */
export type Waited<A> =
  A extends Waitable<infer T> ? T : A extends (signal: AbortSignal) => infer B ? Settled<B> : Awaited<A>;

type Settled<A> = A extends Waitable<infer T> ? T : Awaited<A>;

/**
 * Waits for `awaitable`: promise or thenable → its value; Greenlet, AsyncResult → its value; Event → true. A function
 * is called with an AbortSignal that aborts when the wait is cut short, so that the I/O stops too. Anything else is
 * returned as it is.
 *
 * @param timeout in ms, or a signal.
 * @throws the rejection reason itself; `Timeout` when the time is over; the signal's reason when it aborts.
 * @example
 * const response = wait((signal) => fetch(url, { signal }), 5000);
 */
export function wait<T>(awaitable: Waitable<T> | PromiseLike<T>, timeout?: TimeoutLike): T;
export function wait<T>(awaitable: (signal: AbortSignal) => Waitable<T> | PromiseLike<T>, timeout?: TimeoutLike): T;
export function wait<A>(awaitable: A, timeout?: TimeoutLike): Waited<A>;
export function wait(awaitable: unknown, timeout?: TimeoutLike): unknown {
  checkTimeout(timeout);
  if (isWaitable(awaitable)) return waitWaitable(awaitable, timeout);
  if (isPromise(awaitable)) return orTimeout(parkOnPromise(awaitable, timeout), timeout);
  if (typeof awaitable === 'function') {
    enter(timeout); // before anything is started
    return waitAbortable(awaitable as (signal: AbortSignal) => unknown, timeout);
  }
  assertUnambiguous(awaitable);
  if (timeout !== 0) checkpoint();
  return awaitable;
}

function waitWaitable<T>(object: Waitable<T>, timeout: TimeoutLike): T {
  const limit = enter(timeout);
  object.observe?.();
  orTimeout(parkUntil(object, limit), timeout);
  return object.outcome();
}

function waitAbortable(start: (signal: AbortSignal) => unknown, timeout: TimeoutLike): unknown {
  const controller = new AbortController();
  try {
    return wait(start(controller.signal), timeout);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

function orTimeout(outcome: unknown, timeout: TimeoutLike): unknown {
  if (outcome === EXPIRED) throw Timeout.expired(timeout as number);
  return outcome;
}
