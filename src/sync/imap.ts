import { QueueShutDown } from '../errors.ts';
import { assertCount, assertFunction, assertIterable, assertOptions } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { assertCanBlock } from '../hub/park.ts';
import { sleep } from '../hub/sleep.ts';
import type { Group } from './group.ts';
import { Lock } from './lock.ts';
import { Queue } from './queue.ts';

/** How far `imap` may run ahead. */
export interface ImapOptions {
  /** Most items started beyond the results consumed; the pool's limit by default. */
  maxsize?: number | null;
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
 * A feeder greenlet takes items and starts a member for each, as long as there is room; it ends when there is none, and
 * is started again when a result was consumed, so that an iterator that nobody asks any more leaves nothing blocked. The
 * members stand in a queue, in the order in which their results are wanted: as started, or as ended.
 */
class ImapIterator<R> implements IterableIterator<Awaited<R>> {
  readonly #group: Group;
  readonly #fn: Fn<unknown, R>;
  readonly #items: Iterable<unknown>;
  readonly #ordered: boolean;
  readonly #results = new Queue<Greenlet<Awaited<R>>>();
  /** Who calls `next()`: one at a time. */
  readonly #turn = new Lock();
  /** How many more may be started before a result is consumed. */
  #room: number;
  #source: Iterator<unknown> | null = null;
  #feeder: Greenlet<void> | null = null;
  #feeding = false;
  /** Taken from the queue, its result not given yet: a `next()` cut short loses nothing. */
  #head: Greenlet<Awaited<R>> | null = null;
  /** Members started that do not stand in the queue yet. */
  #running = 0;
  /** There are no more items; `failure` is why, if iterating them has failed. */
  #exhausted = false;
  #failure: { error: unknown } | null = null;
  #done = false;

  constructor(group: Group, fn: Fn<unknown, R>, items: Iterable<unknown>, options: ImapOptions = {}, ordered: boolean) {
    assertFunction(fn);
    assertIterable(items);
    assertOptions(options);
    const { maxsize = null } = options;
    if (maxsize !== null) assertCount('maxsize', maxsize, 1);
    this.#group = group;
    this.#fn = fn;
    this.#items = items;
    this.#ordered = ordered;
    this.#room = maxsize ?? (group as { limit?: number }).limit ?? Number.POSITIVE_INFINITY;
  }

  next(): IteratorResult<Awaited<R>, undefined> {
    return this.#turn.use(() => {
      if (this.#done || !this.#takeHead()) return { done: true, value: undefined };
      // What has been handed over is given: no kill is raised in between.
      const head = this.#head as Greenlet<Awaited<R>>;
      if (!head.ready) head.join();
      this.#head = null;
      this.#room++;
      this.#feed();
      return { done: false, value: head.outcome() };
    });
  }

  /** Nothing more is started; what runs runs on. */
  return(): IteratorResult<Awaited<R>, undefined> {
    this.#done = true;
    this.#results.shutdown(); // whoever waits in next() has come to the end
    this.#feeder?.kill(undefined, { block: false });
    if (!this.#feeding) this.#closeSource();
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  /** Waits for the member whose result is next; false if there is none any more. */
  #takeHead(): boolean {
    if (this.#source === null && !this.#exhausted) assertCanBlock(); // nothing is started for who cannot wait for it
    this.#feed();
    try {
      this.#head ??= this.#results.get();
      return true;
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error;
      const closed = this.#done;
      this.#done = true;
      if (!closed && this.#failure !== null) throw this.#failure.error;
      return false;
    }
  }

  #feed(): void {
    if (this.#feeder !== null || this.#exhausted || this.#room === 0) return;
    const feeder = new Greenlet(() => this.#startMembers());
    feeder.name = 'imap';
    feeder.observe();
    feeder.start();
    this.#feeder = feeder;
  }

  #startMembers(): void {
    this.#feeding = true;
    try {
      while (this.#room > 0 && !this.#exhausted) {
        this.#startNext();
        if (this.#room === Number.POSITIVE_INFINITY) sleep(0); // the items may have no end
      }
    } catch (error) {
      this.#failure = { error };
      this.#closeSource();
    } finally {
      this.#feeding = false;
      this.#feeder = null;
      this.#endIfExhausted();
    }
  }

  #startNext(): void {
    this.#source ??= this.#items[Symbol.iterator]();
    const item = this.#nextItem(this.#source);
    if (this.#exhausted) return;
    const member = this.#group.spawn(this.#fn, item);
    member.observe();
    this.#room--;
    if (this.#ordered) {
      this.#deliver(member);
      return;
    }
    this.#running++;
    member.watch(() => {
      this.#running--;
      this.#deliver(member);
      this.#endIfExhausted();
    });
  }

  #deliver(member: Greenlet<Awaited<R>>): void {
    if (!this.#done) this.#results.putNowait(member);
  }

  #nextItem(source: Iterator<unknown>): unknown {
    let failed = true;
    try {
      const { done, value } = source.next();
      failed = false;
      if (done === true) this.#exhausted = true;
      return value;
    } finally {
      if (failed) this.#exhausted = true; // an iterator that has thrown is not to be closed
    }
  }

  #closeSource(): void {
    if (this.#exhausted) return;
    this.#exhausted = true;
    this.#source?.return?.();
  }

  #endIfExhausted(): void {
    if (this.#exhausted && this.#running === 0) this.#results.shutdown();
  }
}
