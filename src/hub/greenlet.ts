/**
 * A greenlet that the hub runs: with a result, links, kill.
 *
 *   new ──start()──> ready to run ──first turn──> running ⇄ parked ──> dead: value, error, or killed
 *        kill() before the first turn: dead at once, the function never runs
 */

import { inspect } from '../builtins.ts';
import { appendSpawn, engine, RawGreenlet, toError } from '../engine/raw-greenlet.ts';
import type { StackOwner } from '../engine/stack-owner.ts';
import { branded, GreenletError, GreenletExit } from '../errors.ts';
import { offAbort, onAbort } from './abort.ts';
import { assertFunction, assertMs, assertOptions } from './check.ts';
import { describeInLine } from './describe.ts';
import { checkStackSize, type KillOptions, type SpawnOptions } from './greenlet-options.ts';
import { hub } from './hub.ts';
import { Links, type Waitable, waitable } from './linkable.ts';
import {
  assertCanBlock,
  checkTimeout,
  EXPIRED,
  enter,
  interrupt,
  interruptAlways,
  parkUntil,
  raisePending,
  type TimeoutLike,
} from './park.ts';
import { beginSlices, checkSlice, endSlices } from './preempt.ts';
import { isPromise } from './promise-source.ts';
import { shield } from './shield.ts';
import { StartTimer } from './start-timer.ts';
import { Timeout } from './timeout.ts';
import { waitPromise } from './wait-promise.ts';
import { type QueueNode, WaitQueue } from './wait-queue.ts';
import type { Waiter } from './waiter.ts';

let lastId = 0;

/** What few greenlets need. */
class Rare {
  name: string | undefined = undefined;
  links: Links | null = null;
  abort: AbortController | null = null;
  /** What a kill was first requested with. */
  killedWith: unknown = undefined;
  starter: StartTimer | null = null;
  /** What a forced end was asked for with. */
  forcedWith: unknown = undefined;
  /** After how many ms it is interrupted; 0 = never. */
  slice = 0;
  /** An error waited for it already when its slice began. */
  overdue = false;
}

export class Greenlet<T = unknown> extends RawGreenlet<T> implements Waitable<T> {
  declare readonly [waitable]: true;

  /** Small and unique in this thread. */
  readonly id: number = ++lastId;
  #fn: (...args: never[]) => unknown;
  #args: unknown[];
  #started = false;
  #state: 'pending' | 'value' | 'error' | 'killed' = 'pending';
  #outcome: unknown = undefined;
  #observed = false;
  #waiters: WaitQueue | null = null;
  #rare: Rare | null = null;

  /** @throws {TypeError} if `fn` is no function. */
  constructor(fn: (...args: never[]) => T, ...args: unknown[]) {
    assertFunction(fn);
    super(undefined, engine.main as RawGreenlet);
    this.#fn = fn;
    this.#args = args;
  }

  /** @internal Applies the options of `spawn`, before the start. */
  configure(options: SpawnOptions): void {
    if (options.name !== undefined) this.name = options.name;
    if (options.stackSize !== undefined) this.stackSize = checkStackSize(options.stackSize);
    if (options.signal !== undefined) this.#killOnAbort(options.signal);
    if (options.preempt !== undefined && options.preempt !== false) this.#need().slice = checkSlice(options.preempt);
  }

  /** @internal */
  override get givenName(): string | undefined {
    return this.#rare?.name;
  }
  get name(): string {
    return this.givenName ?? `Greenlet-${this.id}`;
  }
  set name(name: string) {
    if (typeof name !== 'string') throw new TypeError(`a name must be a string, got ${inspect(name)}`);
    this.#need().name = name;
    if (engine.onBegin !== null && this.coroutine !== 0) engine.onBegin(this);
  }
  /** True from `start()` until it has ended. */
  override get started(): boolean {
    return this.#started && !this.finished;
  }
  /** True once it has ended in any way. */
  get ready(): boolean {
    return this.#state !== 'pending';
  }
  /** True once it has returned. */
  get successful(): boolean {
    return this.#state === 'value';
  }
  /** True once it was ended by a GreenletExit. */
  get killed(): boolean {
    return this.#state === 'killed';
  }
  /** What it returned; undefined otherwise. */
  get value(): T | undefined {
    return this.#state === 'value' ? (this.#outcome as T) : undefined;
  }
  /** What it failed or was killed with; undefined otherwise. */
  get exception(): unknown {
    return this.#state === 'error' || this.#state === 'killed' ? this.#outcome : undefined;
  }
  /** Aborts when a kill is requested, so that code which computes can look. */
  get signal(): AbortSignal {
    const rare = this.#need();
    if (rare.abort === null) {
      rare.abort = new AbortController();
      if (rare.killedWith !== undefined) rare.abort.abort(rare.killedWith);
    }
    return rare.abort.signal;
  }

  #need(): Rare {
    this.#rare ??= new Rare();
    return this.#rare;
  }

  /** Lets it run at the next turn of the hub. Nothing happens if it was started or has ended. */
  start(): void {
    if (this.#started || this.finished) return;
    this.#started = true;
    hub.spawned++;
    const starter = this.#rare?.starter;
    if (starter) hub.timers.remove(starter);
    else hub.alive++;
    hub.watchMemory();
    hub.makeReady(this);
    if (engine.onSpawn !== null) engine.onSpawn(this);
  }

  /** As `start`, in `ms` milliseconds. */
  startLater(ms: number): void {
    assertMs('a delay', ms);
    if (this.#started || this.finished || this.#need().starter !== null) return;
    const starter = new StartTimer(this);
    this.#need().starter = starter;
    hub.alive++;
    hub.timers.add(starter, ms);
  }

  /**
   * Waits for its value.
   *
   * @throws its error, or its GreenletExit if it was killed; `Timeout` if it has not ended in time: it goes on then.
   */
  get(timeout?: TimeoutLike): T {
    const limit = enter(timeout);
    this.#observed = true;
    if (this.#state === 'pending' && parkUntil(this, limit) === EXPIRED) {
      throw Timeout.expired(limit as number, limit === 0 ? undefined : describeInLine(this));
    }
    return this.outcome();
  }

  /** Waits until it has ended; true if so. */
  join(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    this.#observed = true;
    return this.#state !== 'pending' || parkUntil(this, limit) !== EXPIRED;
  }

  /**
   * Ends it: `error` is raised where it is blocked, or at its next blocking call. Before its first turn it never runs.
   *
   * @returns true if it has ended. On the main stack, and with `block: false`, nothing is waited for.
   */
  kill(error: unknown = new GreenletExit(), options: KillOptions = {}): boolean {
    assertOptions(options);
    const { block = true, timeout, persistent = false, hard = false } = options;
    const thrown = toError(error);
    const self = engine.current === this;
    const waits = block && !self && engine.current !== engine.main;
    const limit = waits ? enter(timeout) : checkTimeout(timeout);
    if (waits && this.#state === 'pending') assertCanBlock();
    if (block) this.#observed = true;
    if (this.#state === 'pending') this.#request(thrown, persistent, hard, self);
    return this.#state !== 'pending' || (waits && parkUntil(this, limit) !== EXPIRED);
  }

  /** As `kill(error, { block: false })`. */
  override throw(error: unknown = new GreenletExit()): void {
    this.kill(error, { block: false });
  }

  #request(error: Error, persistent: boolean, hard: boolean, self: boolean): void {
    const rare = this.#need();
    rare.killedWith ??= error;
    rare.abort?.abort(error);
    if (!this.begun) {
      this.#cancelStart();
      this.#settle(error instanceof GreenletExit ? 'killed' : 'error', error);
      return;
    }
    if (hard) {
      this.#unwind(error);
      return;
    }
    if (self) {
      if (persistent) interruptAlways(this, error);
      throw error;
    }
    if (persistent) interruptAlways(this, error);
    else interrupt(this, error);
  }

  #unwind(error: Error): void {
    this.#need().forcedWith = error;
    engine.unwind(this); // goes no further if this is the current one
    const waiter = this.waiter as Waiter | null;
    if (waiter === null || !waiter.cancel(error)) hub.makeReady(this);
  }

  #cancelStart(): void {
    const starter = this.#rare?.starter;
    if (starter) {
      hub.timers.remove(starter);
      hub.makeReady(this); // nothing will run: the hub takes note that one less is left
    }
    this.finished = true;
  }

  #killOnAbort(signal: AbortSignal): void {
    if (!(signal instanceof AbortSignal)) throw new TypeError(`signal must be an AbortSignal, got ${inspect(signal)}`);
    const kill = (): void => {
      const { reason } = signal;
      const error = reason instanceof Error ? reason : new GreenletExit(String(reason));
      // Not `kill`, which raises at once in the current greenlet: that may be this one, inside `abort()`.
      if (this.#state === 'pending') this.#request(error, false, false, false);
    };
    if (signal.aborted) {
      kill();
      return;
    }
    onAbort(signal, kill);
    this.#watch(kill, () => offAbort(signal, kill));
  }

  /** Calls `callback` in a greenlet of its own when this one has ended. */
  link(callback: (greenlet: this) => unknown): void {
    this.#link(callback, () => true);
  }
  /** As `link`, if it has returned. */
  linkValue(callback: (greenlet: this) => unknown): void {
    this.#link(callback, () => this.#state === 'value');
  }
  /** As `link`, if it has failed or was killed. */
  linkException(callback: (greenlet: this) => unknown): void {
    this.#link(callback, () => this.#state !== 'value');
  }
  #link(callback: (greenlet: this) => unknown, wanted: () => boolean): void {
    assertFunction(callback);
    this.#observed = true;
    this.#links().addGreenlet(
      callback,
      (run) => new Greenlet(run),
      () => callback(this),
      wanted,
    );
  }
  /** Calls `callback` in the hub, where it must not block, when this one has ended. */
  rawLink(callback: (greenlet: this) => void): void {
    assertFunction(callback);
    this.#observed = true;
    this.#watch(callback, () => callback(this));
  }
  /** @internal As `rawLink`, without taking note of the outcome. */
  watch(callback: (greenlet: this) => void): void {
    this.#watch(callback, () => callback(this));
  }
  #watch(key: unknown, run: () => void): void {
    this.#links().add(key, run);
  }
  #links(): Links {
    const rare = this.#need();
    rare.links ??= new Links(this);
    return rare.links;
  }
  /** Removes every registration of `callback` not called yet. */
  unlink(callback: (...args: never[]) => unknown): void {
    this.#rare?.links?.remove(callback);
  }

  /** A promise of its outcome. Greenlets themselves are not thenable. */
  toPromise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.rawLink(() => {
        if (this.#state === 'value') resolve(this.#outcome as T);
        else reject(this.#outcome);
      });
    });
  }

  /** Kills it persistently, and waits for its end: shielded, so that this is done even if the caller is being killed. */
  [Symbol.dispose](): void {
    shield(() => this.kill(new GreenletExit(), { persistent: true }));
  }

  /** Part of `Waitable`: `node` is woken when this greenlet has ended. */
  register(node: QueueNode): void {
    if (this.#state !== 'pending') node.wake(undefined);
    else (this.#waiters ??= new WaitQueue()).register(node);
  }
  /** Part of `Waitable`: undoes `register`. */
  unregister(node: QueueNode): void {
    this.#waiters?.unregister(node);
  }
  /** Part of `Waitable`: the value; throws what it ended with otherwise. */
  outcome(): T {
    if (this.#state === 'value') return this.#outcome as T;
    throw this.#outcome;
  }
  /** @internal Somebody will ask for the outcome: a failure is not reported. */
  observe(): void {
    this.#observed = true;
  }
  /** @internal True if it has failed, and that was neither observed nor reported yet. */
  get unclaimed(): boolean {
    return this.#state === 'error' && !this.#observed;
  }

  /** @internal */
  override get entry(): unknown {
    return this.begun ? undefined : this.#fn;
  }

  /** @internal */
  override takeRun(): (...args: unknown[]) => unknown {
    this.begun = true;
    const fn = this.#fn as (...args: unknown[]) => unknown;
    const args = this.#args;
    this.#fn = spent;
    this.#args = [];
    if (this.#rare !== null && this.#rare.slice !== 0) beginSlices(this.#rare.slice);
    return args.length === 0 ? fn : () => fn(...args);
  }

  /** @internal */
  override ended(failed: boolean, outcome: unknown): StackOwner {
    if (!failed && isPromise(outcome)) return this.#endedByPromise(outcome);
    this.finished = true;
    if (!failed) this.#settle('value', outcome);
    else this.#settle(outcome instanceof GreenletExit ? 'killed' : 'error', outcome);
    return hub.afterEnd();
  }

  /** The function was async: the greenlet ends when its promise settles. */
  #endedByPromise(promise: PromiseLike<unknown>): StackOwner {
    let value: unknown;
    try {
      value = waitPromise(promise);
    } catch (error) {
      return this.ended(true, error);
    }
    return this.ended(false, isPromise(value) ? undefined : value);
  }

  /** @internal */
  override forced(): StackOwner {
    const waiter = this.waiter as Waiter | null;
    waiter?.expire();
    this.waiter = null;
    this.broke = true;
    hub.forcedEnds++;
    tidyUpSoon();
    return this.ended(true, this.#rare?.forcedWith ?? new GreenletError('the greenlet was terminated'));
  }

  /**
   * @internal Its slice is over: others run first. An error that has waited for it for a whole slice, since it makes no
   * blocking call, ends it by force: true then.
   */
  sliceOver(): boolean {
    const rare = this.#need();
    if (rare.overdue && this.pending !== null && this.shielded === 0) {
      try {
        raisePending(this);
      } catch (error) {
        rare.forcedWith = error;
        return true;
      }
    }
    hub.preempt();
    rare.overdue = this.pending !== null;
    return false;
  }

  #settle(state: 'value' | 'error' | 'killed', outcome: unknown): void {
    if (this.begun && this.#rare !== null && this.#rare.slice !== 0) endSlices();
    if (state === 'error' && this.spawnTrace !== undefined) appendSpawn(outcome, this);
    this.#state = state;
    this.#outcome = outcome;
    this.pending = null;
    if (this.locals !== null) this.locals = null;
    if (this.#started || this.#rare?.starter) hub.alive--;
    this.settled();
    this.#waiters?.wakeAll(undefined);
    if (state === 'error' && !this.#observed) this.#reportUnlessObserved();
    if (engine.onEnd !== null) engine.onEnd(this);
  }

  /** @internal It has ended, in whatever way, before anybody else is told. Must neither block nor throw. */
  protected settled(): void {}

  #reportUnlessObserved(): void {
    setImmediate(() => {
      setImmediate(() => {
        if (!this.unclaimed) return;
        this.#observed = true;
        hub.report(this, this.#outcome);
      });
    });
  }
}

Object.defineProperty(Greenlet.prototype, waitable, { value: true });
branded(Greenlet, 'Greenlet');

let tidying = false;

/** Clears up after forced ends, once for all of one stretch: that looks at every timer and every blocked greenlet. */
function tidyUpSoon(): void {
  if (tidying) return;
  tidying = true;
  hub.schedule(() => {
    tidying = false;
    hub.timers.forgetBroken(); // no `finally` has cancelled their timeouts
    for (const { waiter } of hub.blocked()) (waiter as Waiter | null)?.source.abandoned?.(waiter as Waiter);
  });
}

function spent(): never {
  throw new GreenletError('the greenlet has run already');
}
