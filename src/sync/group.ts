import { inspect } from '../builtins.ts';
import { engine, toError } from '../engine/raw-greenlet.ts';
import { GreenletError, GreenletExit } from '../errors.ts';
import { assertFunction, assertIterable, assertOptions } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import type { SpawnOptions } from '../hub/greenlet-options.ts';
import { hub } from '../hub/hub.ts';
import { notWaitable } from '../hub/linkable.ts';
import { assertCanBlock, checkTimeout, EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { isPromise } from '../hub/promise-source.ts';
import { makeGreenlet } from '../hub/spawn.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { Failures } from './failures.ts';
import { type ImapOptions, imap, imapUnordered } from './imap.ts';
import { Membership } from './membership.ts';

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
 * `join`, `map` or `apply` of the group asks for it.
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
  readonly #failures = new Failures();
  readonly #onError: GroupOptions['onError'];
  readonly #onFailure: GroupOptions['onFailure'];
  /** How many wait to become members. */
  #entering = 0;
  /** While the group is being killed: what those are killed with that still come, and by how many. */
  #doom: unknown = undefined;
  #killers = 0;
  #closed = '';

  /** @throws {TypeError} if `onError` is no function. */
  constructor(options: GroupOptions = {}) {
    assertOptions(options);
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
    try {
      this.start(greenlet as Greenlet);
    } catch (error) {
      greenlet.throw(); // nobody will know of it: its signal must not kill it later
      throw error;
    }
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
    this.#assertOpen();
    if (greenlet.ready || this.#members.has(greenlet)) return;
    this.#entering++;
    try {
      this.admit();
      this.#enroll(greenlet);
    } finally {
      this.#entering--;
      this.#wakeIfEmpty();
    }
  }

  /** Makes `greenlet` a member, for whom there is room; much may have happened while it waited for that. */
  #enroll(greenlet: Greenlet): void {
    if (this.#closed !== '' || greenlet.ready || this.#members.has(greenlet)) {
      this.left();
      this.#assertOpen();
      return;
    }
    const membership = new Membership(this, greenlet);
    this.#members.set(greenlet, membership);
    greenlet.register(membership);
    if (this.#failures.wanted) membership.promise();
    if (this.#onError !== undefined || this.#onFailure !== undefined) greenlet.observe();
    // In its turn, not at once: whoever adds one after the other without end waits for room meanwhile.
    if (this.#doom !== undefined) hub.schedule(() => this.#kill(greenlet));
  }

  #kill(greenlet: Greenlet): void {
    if (this.#doom !== undefined) greenlet.kill(this.#doom, { block: false, persistent: true });
  }

  /** Lets `greenlet` go: it runs on, and is no member any more. */
  discard(greenlet: Greenlet): void {
    const membership = this.#members.get(greenlet);
    if (membership === undefined) return;
    greenlet.unregister(membership);
    this.#remove(greenlet);
  }

  /** @internal Takes the room that a member needs; may wait, or throw. */
  protected admit(): void {}
  /** @internal As `admit`, without waiting; false if there is no room. */
  protected tryAdmit(): boolean {
    return true;
  }
  /** @internal Gives the room back. */
  protected left(): void {}

  #assertOpen(): void {
    if (this.#closed !== '') throw new GreenletError(this.#closed);
  }

  #remove(greenlet: Greenlet): void {
    this.#members.delete(greenlet);
    this.left();
    this.#wakeIfEmpty();
  }

  /** True if there is no member, and nobody on the way to become one. */
  get #empty(): boolean {
    return this.#members.size === 0 && this.#entering === 0;
  }
  #wakeIfEmpty(): void {
    if (this.#empty) this.#joiners.wakeAll(true);
  }

  /** @internal A member has ended. */
  ended(membership: Membership): void {
    const { greenlet } = membership;
    if (!greenlet.successful && !greenlet.killed) {
      const { exception } = greenlet;
      if (this.#onFailure !== undefined) this.#onFailure(exception);
      else if (this.#onError !== undefined) new Greenlet(this.#onError, exception, greenlet).start();
      else this.#failures.add(greenlet, membership.promised);
    }
    this.#remove(greenlet);
  }

  /**
   * Waits until there is no member, and nobody who waits to become one.
   *
   * @returns true; false if the time was over first.
   * @throws the first failure of a member, when all have ended or the time is over, unless `raiseError` is false: of
   * those who are members while it waits, and of those who have failed before while nobody has taken note of it.
   */
  join(options: GroupJoinOptions = {}): boolean {
    assertOptions(options);
    const { timeout, raiseError = true } = options;
    const limit = enter(timeout);
    const join = this.#failures.begin();
    for (const membership of this.#members.values()) membership.promise();
    let empty: boolean;
    try {
      empty = this.#empty || parkUntil(this.#joiners, limit) !== EXPIRED;
    } finally {
      this.#failures.end(join);
    }
    if (raiseError && join.failure !== undefined) throw join.failure.error;
    return empty;
  }

  /**
   * Kills all members, persistently, those as well that come while it waits.
   *
   * @returns true if there is no member any more. On the main stack, and with `block: false`, nothing is waited for.
   */
  kill(error: unknown = new GreenletExit(), options: GroupKillOptions = {}): boolean {
    assertOptions(options);
    const { block = true, timeout } = options;
    const thrown = toError(error);
    const waits = block && engine.current !== engine.main;
    const limit = waits ? enter(timeout) : checkTimeout(timeout);
    try {
      if (this.doom(thrown)) (engine.current as Greenlet).kill(thrown, { persistent: true });
      return this.#empty || (waits && parkUntil(this.#joiners, limit) !== EXPIRED);
    } finally {
      if (--this.#killers === 0) this.#doom = undefined;
    }
  }

  /**
   * @internal Kills all members, and those that come from now on; true if the current greenlet is one: it is the
   * caller's to end.
   */
  doom(error: unknown): boolean {
    this.#killers++;
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
    assertIterable(items);
    enter();
    const members: Greenlet<Awaited<R>>[] = [];
    for (const item of items) {
      if (members.length === 0) assertCanBlock();
      const greenlet = this.spawn(fn, item);
      greenlet.observe();
      members.push(greenlet);
    }
    return members.map((greenlet) => greenlet.get());
  }

  /** As `map`, without waiting: a greenlet whose value are the results. */
  mapAsync<T, R>(fn: (item: T) => R, items: Iterable<T>): Greenlet<Awaited<R>[]> {
    assertFunction(fn);
    assertIterable(items);
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
    enter();
    if (!this.#members.has(engine.current as Greenlet)) {
      assertCanBlock();
      return this.spawn(fn, ...args).get();
    }
    const result: unknown = fn(...args);
    return (isPromise(result) ? waitPromise(result) : result) as Awaited<R>;
  }

  /** As `apply`, without waiting, not even for room: a greenlet whose value is the result. */
  applyAsync<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>> {
    const member = new Greenlet(fn as () => R, ...args) as Greenlet<Awaited<R>>;
    this.#assertOpen();
    if (this.tryAdmit()) {
      this.#enroll(member as Greenlet);
      member.start();
      return member;
    }
    const starter = new Greenlet(() => {
      try {
        this.start(member as Greenlet);
      } catch (error) {
        member.throw(error);
      }
    });
    starter.start();
    member.watch(() => starter.throw()); // killed before there is room, it stands in nobody's way
    return member;
  }
}
Object.defineProperty(Group.prototype, notWaitable, { value: 'group.join()' });
