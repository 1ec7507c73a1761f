import { inspect } from '../builtins.ts';
import { checkpoint } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { wait } from './wait.ts';

/**
 * Iterates a stream or another async iterable, blocking for each item. Leaving the loop closes the source, as does a
 * timeout or a kill, which does not wait for it.
 *
 * @throws {TypeError} if `source` is not iterable; whatever the source throws.
 * @example
 * let bytes = 0;
 * for (const chunk of iterate(fs.createReadStream('big.log'))) bytes += chunk.length;
 */
export function iterate<T>(source: AsyncIterable<T> | Iterable<T | PromiseLike<T>>): IterableIterator<T> {
  const beginAsync = (source as Partial<AsyncIterable<T>> | null)?.[Symbol.asyncIterator];
  const begin = beginAsync ?? (source as Partial<Iterable<T>> | null)?.[Symbol.iterator];
  if (typeof begin !== 'function') throw new TypeError(`expected an async iterable, got ${inspect(source)}`);
  return new BlockingIterator<T>(
    source,
    Reflect.apply(begin, source, []) as AsyncIterator<T>,
    beginAsync === undefined,
  );
}

class BlockingIterator<T> implements IterableIterator<T> {
  readonly #source: object;
  readonly #inner: AsyncIterator<T>;
  /** Whether promises among the items are waited for, as `for await` does with what is not async itself. */
  readonly #settles: boolean;
  #done = false;

  constructor(source: object, inner: AsyncIterator<T>, settles: boolean) {
    this.#source = source;
    this.#inner = inner;
    this.#settles = settles;
  }

  next(): IteratorResult<T, undefined> {
    if (this.#done) return { done: true, value: undefined };
    let result: IteratorResult<T>;
    let pending: Promise<IteratorResult<T>> | undefined;
    try {
      checkpoint();
      pending = this.#inner.next();
      result = wait(pending);
    } catch (error) {
      // Whether the source failed or the wait was cut short: a `for` loop does not call return() now.
      this.#done = true;
      void this.#closeSoon(pending);
      throw error;
    }
    if (result.done === true) {
      this.#done = true;
      return { done: true, value: undefined };
    }
    const { value } = result;
    return { done: false, value: this.#settles && isPromise(value) ? (wait(value) as T) : value };
  }

  return(): IteratorResult<T, undefined> {
    if (!this.#done) {
      this.#done = true;
      const closing = this.#inner.return?.();
      if (closing !== undefined) wait(closing);
    }
    return { done: true, value: undefined };
  }

  /**
   * Closes the source without waiting for it, unless it has failed itself. An async generator that is stalled in the
   * `pending` next() ends only after that; a stream, which can be told so, at once.
   */
  async #closeSoon(pending: Promise<unknown> | undefined): Promise<void> {
    try {
      await Promise.race([pending, null]); // rejects if `pending` has
      void Promise.resolve(this.#inner.return?.()).catch(() => {});
      if (this.#source instanceof process.getBuiltinModule('node:stream').Readable) this.#source.destroy();
    } catch {}
  }

  [Symbol.iterator](): this {
    return this;
  }
}
