import { inspect } from '../builtins.ts';
import { assertCount, assertIterable, assertOptions } from '../hub/check.ts';
import { isWaitable } from '../hub/linkable.ts';
import { checkTimeout, type TimeoutLike } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { Collector } from './collector.ts';

/** How long, and for how many, to wait. */
export interface ReadyOptions {
  /** For all of it: in ms, or a signal. */
  timeout?: TimeoutLike;
  /** Stop after so many. */
  count?: number;
}

/**
 * Waits until the objects (Greenlet, Event, AsyncResult, Semaphore, promise …) are ready.
 *
 * @returns those that are, in the order in which they became so; fewer than asked for when the time is over.
 */
export function waitReady<T>(objects: Iterable<T>, options: ReadyOptions = {}): T[] {
  return [...iwait(objects, options)];
}

/**
 * As `waitReady`, lazily: yields each object as it becomes ready, and ends silently when the time is over. Waiting
 * begins at the first `next()`; leaving the loop leaves no trace on the others.
 */
export function iwait<T>(objects: Iterable<T>, options: ReadyOptions = {}): IterableIterator<T> {
  assertOptions(options);
  const { count = Number.POSITIVE_INFINITY, timeout } = options;
  checkTimeout(timeout);
  if (count !== Number.POSITIVE_INFINITY) assertCount('count', count, 0);
  assertIterable(objects);
  const list = [...objects];
  for (const object of list) assertWaitable(object);
  return collect(list, timeout, count);
}

function* collect<T>(objects: T[], timeout: TimeoutLike, count: number): IterableIterator<T> {
  const collector = new Collector(objects, timeout);
  try {
    for (let left = Math.min(count, collector.size); left > 0; left--) {
      const entry = collector.take();
      if (entry === EXPIRED) return;
      yield entry.object as T;
    }
  } finally {
    collector.close();
  }
}

function assertWaitable(object: unknown): void {
  if (!isWaitable(object) && !isPromise(object)) throw new TypeError(`cannot wait for ${inspect(object)}`);
}
