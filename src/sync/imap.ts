import { inspect } from 'node:util';
import { QueueShutDown } from '../errors.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { assertCount } from './check.ts';
import type { Group } from './group.ts';
import { Queue } from './queue.ts';
import { Semaphore } from './semaphore.ts';

/** How far `imap` may run ahead. */
export interface ImapOptions {
  /** Most items started beyond the results consumed; the pool's limit by default. */
  maxsize?: number;
}

type Fn<T, R> = (item: T) => R;

/** See `Group.imap`. */
export function imap<T, R>(group: Group, fn: Fn<T, R>, items: Iterable<T>, options?: ImapOptions): ImapIterator<R> {
  return new ImapIterator(group, fn as Fn<unknown, R>, items, options, true);
}

/** See `Group.imapUnordered`. */
export function imapUnordered<T, R>(
  group: Group,
  fn: Fn<T, R>,
  items: Iterable<T>,
  options?: ImapOptions,
): ImapIterator<R> {
  return new ImapIterator(group, fn as Fn<unknown, R>, items, options, false);
}

/**
 * A feeder greenlet takes items and starts a member for each; the members stand in a queue, in the order in which
 * their results are wanted: as started, or as ended. It begins at the first `next()`.
 */
class ImapIterator<R> implements IterableIterator<Awaited<R>> {
  readonly #group: Group;
  readonly #fn: Fn<unknown, R>;
  readonly #items: Iterable<unknown>;
  readonly #ordered: boolean;
  readonly #results = new Queue<Greenlet<Awaited<R>>>();
  /** Permits to start one more. */
  readonly #ahead: Semaphore | null;
  #feeder: Greenlet<void> | null = null;
  /** Taken from the queue, its result not given yet: a `next()` cut short loses nothing. */
  #head: Greenlet<Awaited<R>> | null = null;
  /** Members started whose end the unordered queue has not seen, and 1 while the feeder runs. */
  #outstanding = 1;
  #done = false;

  constructor(
    group: Group,
    fn: Fn<unknown, R>,
    items: Iterable<unknown>,
    options: ImapOptions | undefined,
    ordered: boolean,
  ) {
    if (typeof fn !== 'function') throw new TypeError(`expected a function, got ${inspect(fn)}`);
    if (typeof (items as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`expected an iterable, got ${inspect(items)}`);
    }
    const maxsize = options?.maxsize ?? (group as { limit?: number }).limit;
    if (options?.maxsize !== undefined) assertCount('maxsize', maxsize, 1);
    this.#group = group;
    this.#fn = fn;
    this.#items = items;
    this.#ordered = ordered;
    this.#ahead = maxsize === undefined || maxsize === Number.POSITIVE_INFINITY ? null : new Semaphore(maxsize);
  }

  next(): IteratorResult<Awaited<R>, undefined> {
    if (this.#done) return { done: true, value: undefined };
    if (this.#feeder === null) this.#begin();
    if (this.#head === null) {
      try {
        this.#head = this.#results.get();
      } catch (error) {
        if (!(error instanceof QueueShutDown)) throw error;
        this.#done = true;
        this.#raiseOfItems();
        return { done: true, value: undefined };
      }
    }
    const head = this.#head;
    head.join();
    this.#head = null;
    this.#ahead?.release();
    return { done: false, value: head.get() };
  }

  /** Nothing more is started; what runs runs on. */
  return(): IteratorResult<Awaited<R>, undefined> {
    this.#done = true;
    this.#feeder?.kill(undefined, { block: false });
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  #begin(): void {
    const feeder = new Greenlet(() => this.#feed());
    feeder.name = 'imap';
    feeder.observe();
    feeder.watch(() => this.#oneLess());
    feeder.start();
    this.#feeder = feeder;
  }

  #feed(): void {
    for (const item of this.#items) {
      this.#ahead?.acquire();
      const member = this.#group.spawn(this.#fn, item);
      member.observe();
      this.#outstanding++;
      if (this.#ordered) {
        this.#results.putNowait(member);
        this.#oneLess();
      } else {
        member.watch(() => {
          this.#results.putNowait(member);
          this.#oneLess();
        });
      }
    }
  }

  #oneLess(): void {
    this.#outstanding--;
    if (this.#outstanding === 0) this.#results.shutdown();
  }

  /** The items themselves have failed: told where they end. */
  #raiseOfItems(): void {
    const feeder = this.#feeder;
    if (feeder?.ready && !feeder.successful && !feeder.killed) throw feeder.exception;
  }
}
