import { inspect } from 'node:util';
import { wait } from './wait.ts';

/**
 * Iterates a stream or another async iterable, blocking for each item. Leaving the loop closes the source.
 *
 * @throws {TypeError} if `source` is not iterable; whatever the source throws.
 * @example
 * for (const chunk of iterate(fs.createReadStream('big.log'))) count += chunk.length;
 */
export function iterate<T>(source: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): IterableIterator<T> {
  const begin =
    (source as Partial<AsyncIterable<T>> | null)?.[Symbol.asyncIterator] ??
    (source as Partial<Iterable<T>> | null)?.[Symbol.iterator];
  if (typeof begin !== 'function') throw new TypeError(`expected an async iterable, got ${inspect(source)}`);
  return new BlockingIterator<T>(Reflect.apply(begin, source, []) as AsyncIterator<T>);
}

class BlockingIterator<T> implements IterableIterator<T> {
  readonly #inner: AsyncIterator<T>;
  #done = false;

  constructor(inner: AsyncIterator<T>) {
    this.#inner = inner;
  }

  next(): IteratorResult<T, undefined> {
    if (this.#done) return { done: true, value: undefined };
    let result: IteratorResult<T>;
    let pending: Promise<IteratorResult<T>> | undefined;
    try {
      pending = this.#inner.next();
      result = wait(pending);
    } catch (error) {
      // Whether the source failed or the wait was cut short: a `for` loop does not call return() now.
      this.#done = true;
      Promise.resolve(pending)
        .then(() => this.#inner.return?.())
        .catch(() => {});
      throw error;
    }
    if (result.done === true) {
      this.#done = true;
      return { done: true, value: undefined };
    }
    return { done: false, value: wait(result.value) as T };
  }

  return(): IteratorResult<T, undefined> {
    if (!this.#done) {
      this.#done = true;
      const closing = this.#inner.return?.();
      if (closing !== undefined) wait(closing);
    }
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}
