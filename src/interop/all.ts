import { isWaitable } from '../hub/linkable.ts';
import { checkTimeout } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import { isPromise } from '../hub/wait-promise.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { Collector } from './collector.ts';
import type { Awaitable } from './wait.ts';

/** Calls abortable starters with one signal; runs `body`; aborts the signal when that leaves early. */
function started<T>(awaitables: Iterable<unknown>, body: (objects: unknown[]) => T): T {
  const controller = new AbortController();
  const objects = [...awaitables].map((object) =>
    typeof object === 'function' && !isPromise(object) && !isWaitable(object)
      ? (object as (signal: AbortSignal) => unknown)(controller.signal)
      : object,
  );
  try {
    return body(objects);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

/**
 * Waits for all of them, as `Promise.all`: their values, in the order given.
 *
 * @param timeout for all of it, in ms.
 * @throws the first failure; `Timeout`.
 */
export function all<T>(awaitables: Iterable<Awaitable<T>>, timeout?: number | null): T[] {
  const limit = checkTimeout(timeout) as number;
  return started(awaitables, (objects) => {
    const collector = new Collector(objects, limit);
    try {
      const values = new Array<T>(collector.size);
      for (let left = collector.size; left > 0; left--) {
        const entry = collector.take();
        if (entry === EXPIRED) throw Timeout.expired(limit);
        values[entry.index] = entry.outcome() as T;
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
 * @throws its failure, if it fails; `Timeout`.
 */
export function race<T>(awaitables: Iterable<Awaitable<T>>, timeout?: number | null): T {
  const limit = checkTimeout(timeout) as number;
  return started(awaitables, (objects) => {
    const collector = new Collector(objects, limit);
    try {
      const entry = collector.take();
      if (entry === EXPIRED) throw Timeout.expired(limit);
      return entry.outcome() as T;
    } finally {
      collector.close();
    }
  });
}
