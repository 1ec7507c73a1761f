import { assertIterable } from '../hub/check.ts';
import { isWaitable } from '../hub/linkable.ts';
import { enter, type TimeoutLike } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { Timeout } from '../hub/timeout.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { Collector } from './collector.ts';
import type { Waited } from './wait.ts';

/** Calls abortable starters with one signal; runs `body`; aborts the signal when that, or a starter, leaves early. */
function started<T>(awaitables: Iterable<unknown>, body: (objects: unknown[]) => T): T {
  assertIterable(awaitables);
  const controller = new AbortController();
  const start = (object: unknown): unknown =>
    typeof object === 'function' && !isPromise(object) && !isWaitable(object) ? object(controller.signal) : object;
  try {
    return body([...awaitables].map(start));
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

/**
 * Waits for all of them, as `Promise.all`: their values, in the order given.
 *
 * @param timeout for all of it: in ms, or a signal.
 * @throws the first failure; `Timeout`; the signal's reason.
 */
export function all<A extends readonly unknown[] | []>(
  awaitables: A,
  timeout?: TimeoutLike,
): { -readonly [K in keyof A]: Waited<A[K]> };
export function all<A>(awaitables: Iterable<A>, timeout?: TimeoutLike): Waited<A>[];
export function all(awaitables: Iterable<unknown>, timeout?: TimeoutLike): unknown[] {
  enter(timeout);
  return started(awaitables, (objects) => {
    const collector = new Collector(objects, timeout);
    try {
      const values = new Array<unknown>(collector.size);
      for (let left = collector.size; left > 0; left--) {
        const entry = collector.take();
        if (entry === EXPIRED) throw Timeout.expired(timeout as number);
        values[entry.index] = entry.outcome();
      }
      return values;
    } finally {
      collector.close();
    }
  });
}

/**
 * Waits for the first of them, as `Promise.race`.
 *
 * @throws its failure, if it fails; `Timeout`; the signal's reason.
 */
export function race<A>(awaitables: Iterable<A>, timeout?: TimeoutLike): Waited<A> {
  enter(timeout);
  return started(awaitables, (objects) => {
    const collector = new Collector(objects, timeout);
    try {
      const entry = collector.take();
      if (entry === EXPIRED) throw Timeout.expired(timeout as number);
      return entry.outcome() as Waited<A>;
    } finally {
      collector.close();
    }
  });
}
