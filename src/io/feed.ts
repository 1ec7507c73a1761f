import { GreenletExit } from '../errors.ts';
import { spawn } from '../hub/spawn.ts';
import { Semaphore } from '../sync/semaphore.ts';

/**
 * A blocking iterable as an async one, for libraries that iterate on the event loop's own stack. A greenlet of its own
 * runs the iterable, no further than it is asked.
 */
export class Feed<T> implements AsyncIterableIterator<T, undefined> {
  readonly #demand = new Semaphore(0);
  readonly #runner = spawn({ name: 'feed' }, () => this.#run());
  readonly #source: Iterable<T>;
  #asker: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void } | null = null;
  #ended = false;
  /** What the iterable has thrown. */
  failure: unknown;

  constructor(source: Iterable<T>) {
    this.#source = source;
  }

  #run(): void {
    try {
      this.#demand.acquire();
      for (const value of this.#source) {
        this.#asker?.resolve({ done: false, value });
        this.#demand.acquire();
      }
      this.#ended = true;
      this.#asker?.resolve({ done: true, value: undefined });
    } catch (error) {
      this.#ended = true;
      this.failure = error;
      this.#asker?.reject(error);
    }
  }

  /** The next value, or the iterable's error. It must not be called again before it has settled. */
  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject };
      this.#demand.release();
    });
  }

  /** Part of the protocol: as `stop`. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the iterable early, so that its `finally` blocks run. Who waits for a value gets a GreenletExit. */
  stop(): void {
    this.#ended = true;
    this.#runner.kill(undefined, { block: false });
    this.#asker?.reject(new GreenletExit());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
