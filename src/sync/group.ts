import { inspect } from 'node:util';
import { engine, toError } from '../engine/raw-greenlet.ts';
import { GreenletError, GreenletExit } from '../errors.ts';
import { Greenlet, type SpawnOptions } from '../hub/greenlet.ts';
import { notWaitable } from '../hub/linkable.ts';
import { checkTimeout, EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { makeGreenlet } from '../hub/spawn.ts';
import { QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { type ImapOptions, imap, imapUnordered } from './imap.ts';

/** How a group treats its members. */
export interface GroupOptions {
  /** Called, in a greenlet of its own, with each failure of a member; failures are not reported otherwise then. */
  onError?: (error: unknown, greenlet: Greenlet) => void;
  /** @internal As `onError`, at once, in the hub. */
  onFailure?: (error: unknown) => void;
}

/** How long to wait for the members of a group. */
export interface GroupJoinOptions {
  timeout?: TimeoutLike;
  /** Throw the first failure once all have ended (the default). A kill is no failure. */
  raiseError?: boolean;
}

/** How to kill the members of a group. */
export interface GroupKillOptions {
  /** Wait until all have ended (the default). */
  block?: boolean;
  timeout?: TimeoutLike;
}

/**
 * Greenlets that belong together: a member leaves when it ends.
 *
 * Being a member observes nothing: a failure is reported as that of any other greenlet, unless `onError` is given or a
 * `join`, `map` or `apply` of the group waits.
 *
 * @example
 * const group = new Group();
 * for (const url of urls) group.spawn(download, url);
 * group.join();
 */
export class Group {
  declare readonly [notWaitable]: string;
  readonly #members = new Map<Greenlet, Membership>();
  readonly #joiners = new WaitQueue();
  readonly #onError: GroupOptions['onError'];
  readonly #onFailure: GroupOptions['onFailure'];
  /** Failures that a `join` has asked for and not thrown yet, in the order in which they happened. */
  #failures: { error: unknown }[] = [];
  #joins = 0;
  /** While the group is being killed: what those are killed with that still come. */
  #doom: unknown = undefined;
  #closed = '';

  /** @throws {TypeError} if `onError` is no function. */
  constructor(options: GroupOptions = {}) {
    const { onError } = options;
    if (onError !== undefined && typeof onError !== 'function') {
      throw new TypeError(`onError must be a function, got ${inspect(onError)}`);
    }
    this.#onError = onError;
    this.#onFailure = options.onFailure;
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }
  /** Whether `greenlet` is a member. */
  has(greenlet: Greenlet): boolean {
    return this.#members.has(greenlet);
  }
  /** The members at this moment. */
  [Symbol.iterator](): IterableIterator<Greenlet> {
    return [...this.#members.keys()].values();
  }

  /** As the root's `spawn`; the greenlet is a member. */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>>;
  spawn<A extends unknown[], R>(options: SpawnOptions, fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>>;
  spawn(first: unknown, ...rest: unknown[]): Greenlet<never> {
    const greenlet = makeGreenlet(first, rest);
    this.start(greenlet as Greenlet);
    return greenlet;
  }

  /** Makes `greenlet` a member and starts it. */
  start(greenlet: Greenlet): void {
    this.add(greenlet);
    greenlet.start();
  }

  /**
   * Makes `greenlet` a member. Nothing happens if it is one, or has ended.
   *
   * @throws {TypeError} if it is no Greenlet.
   */
  add(greenlet: Greenlet): void {
    if (!(greenlet instanceof Greenlet)) throw new TypeError(`expected a Greenlet, got ${inspect(greenlet)}`);
    if (this.#closed !== '') throw new GreenletError(this.#closed);
    if (greenlet.ready || this.#members.has(greenlet)) return;
    this.admit();
    const membership = new Membership(this, greenlet);
    this.#members.set(greenlet, membership);
    greenlet.register(membership);
    if (this.#joins > 0 || this.#onError !== undefined || this.#onFailure !== undefined) greenlet.observe();
    if (this.#doom !== undefined) greenlet.kill(this.#doom, { block: false, persistent: true });
  }

  /** Lets `greenlet` go: it runs on, and is no member any more. */
  discard(greenlet: Greenlet): void {
    const membership = this.#members.get(greenlet);
    if (membership === undefined) return;
    greenlet.unregister(membership);
    this.#remove(greenlet);
  }

  /** @internal Called before a member is added; may wait, or throw. */
  protected admit(): void {}
  /** @internal Called after a member has left. */
  protected left(): void {}

  #remove(greenlet: Greenlet): void {
    this.#members.delete(greenlet);
    this.left();
    if (this.#members.size === 0) this.#joiners.wakeAll(true);
  }

  /** @internal A member has ended. */
  ended(greenlet: Greenlet): void {
    if (!greenlet.successful && !greenlet.killed) {
      const { exception } = greenlet;
      if (this.#onFailure !== undefined) this.#onFailure(exception);
      else if (this.#onError !== undefined) new Greenlet(this.#onError, exception, greenlet).start();
      else if (this.#joins > 0) this.#failures.push({ error: exception });
    }
    this.#remove(greenlet);
  }

  /**
   * Waits until there is no member.
   *
   * @returns true; false if the time was over first.
   * @throws the first failure of a member since `join` was called, when all have ended or the time is over, unless
   * `raiseError` is false.
   */
  join(options: GroupJoinOptions = {}): boolean {
    const { timeout, raiseError = true } = options;
    const limit = enter(timeout);
    this.#observeMembers();
    const empty = this.#members.size === 0 || parkUntil(this.#joiners, limit) !== EXPIRED;
    const [first] = this.#failures;
    this.#failures = [];
    if (raiseError && first !== undefined) throw first.error;
    return empty;
  }

  /** From now on the failures of the members are the group's to tell. */
  #observeMembers(): void {
    this.#joins++;
    for (const member of this.#members.keys()) member.observe();
  }

  /**
   * Kills all members, persistently, those as well that come while it waits.
   *
   * @returns true if there is no member any more. On the main stack, and with `block: false`, nothing is waited for.
   */
  kill(error: unknown = new GreenletExit(), options: GroupKillOptions = {}): boolean {
    const { block = true, timeout } = options;
    const thrown = toError(error);
    const waits = block && engine.current !== engine.main;
    const limit = waits ? enter(timeout) : checkTimeout(timeout);
    const before = this.#doom;
    try {
      if (this.doom(thrown)) throw thrown;
      if (this.#members.size === 0) return true;
      return waits && parkUntil(this.#joiners, limit) !== EXPIRED;
    } finally {
      this.#doom = before;
    }
  }

  /**
   * @internal Kills all members, and those that come from now on; true if the current greenlet is one: it is the
   * caller's to end.
   */
  doom(error: unknown): boolean {
    this.#doom ??= error;
    let self = false;
    for (const member of this) {
      member.observe();
      if (member === engine.current) self = true;
      else member.kill(error, { block: false, persistent: true });
    }
    return self;
  }

  /** @internal Refuses members from now on, saying `why`. */
  close(why: string): void {
    this.#closed = why;
  }

  /**
   * Calls `fn` for each item in a greenlet of its own, and waits for all.
   *
   * @returns the results, in the order of the items.
   * @throws the failure of the first item that has one; the others run on. Whatever iterating throws.
   */
  map<T, R>(fn: (item: T) => R, items: Iterable<T>): Awaited<R>[] {
    assertFunction(fn);
    const members: Greenlet<Awaited<R>>[] = [];
    for (const item of items) {
      const greenlet = this.spawn(fn, item);
      greenlet.observe();
      members.push(greenlet);
    }
    return members.map((greenlet) => greenlet.get());
  }

  /** As `map`, without waiting: a greenlet whose value are the results. */
  mapAsync<T, R>(fn: (item: T) => R, items: Iterable<T>): Greenlet<Awaited<R>[]> {
    assertFunction(fn);
    const greenlet = new Greenlet(() => this.map(fn, items));
    greenlet.start();
    return greenlet as Greenlet<Awaited<R>[]>;
  }

  /**
   * As `map`, lazily: results in the order of the items, each as soon as it is there. A failure is thrown at the place of
   * its item; `next()` goes on after it. Items are taken from `items` as room is made.
   */
  imap<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: ImapOptions): IterableIterator<Awaited<R>> {
    return imap(this, fn, items, options);
  }

  /** As `imap`, in the order in which results come. */
  imapUnordered<T, R>(fn: (item: T) => R, items: Iterable<T>, options?: ImapOptions): IterableIterator<Awaited<R>> {
    return imapUnordered(this, fn, items, options);
  }

  /** Calls `fn` in a member and waits for its result; in a member, calls it right here. */
  apply<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Awaited<R> {
    assertFunction(fn);
    if (this.#members.has(engine.current as Greenlet)) return fn(...args) as Awaited<R>;
    return this.spawn(fn, ...args).get();
  }

  /** As `apply`, without waiting, not even for room: a greenlet whose value is the result. */
  applyAsync<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>> {
    assertFunction(fn);
    if (this.hasRoom) return this.spawn(fn, ...args);
    const greenlet = new Greenlet(() => this.spawn(fn, ...args).get());
    greenlet.start();
    return greenlet as Greenlet<Awaited<R>>;
  }

  /** @internal Whether a member can be added without waiting. */
  get hasRoom(): boolean {
    return true;
  }
}
Object.defineProperty(Group.prototype, notWaitable, { value: 'group.join()' });

/** Tells a group of a member's end, at once: its slot is free before anybody else is woken. */
class Membership extends QueueNode {
  readonly #group: Group;
  readonly #greenlet: Greenlet;
  constructor(group: Group, greenlet: Greenlet) {
    super();
    this.#group = group;
    this.#greenlet = greenlet;
  }
  override wake(): boolean {
    this.#group.ended(this.#greenlet);
    return true;
  }
  override fail(): boolean {
    return this.wake();
  }
}

function assertFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw new TypeError(`expected a function, got ${inspect(fn)}`);
}
