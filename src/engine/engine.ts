/**
 * Stacks under greenlets: who runs now, the one place where stacks are exchanged, and the pool of idle ones.
 *
 *   main stack:   event loop → pump or raw switch() → transfer ───────┐
 *   coroutine:    native entry → #body, for ever { run greenlet } <───┘
 *
 * A coroutine outlives its greenlets: when one ends, an unstarted next one begins on the same stack, without a switch.
 * Frames of this file that stay on a suspended stack hold no greenlet, so that one which nobody else refers to can
 * be collected.
 */
import { executionAsyncId } from 'node:async_hooks';
import { BlockingSwitchOutError, GreenletError } from '../errors.ts';
import { loadNativeEngine, type NativeEngine } from '../native.ts';
import { AsyncIds } from './async-ids.ts';
import { CpuMeter } from './cpu-meter.ts';
import { acquireNodeAsyncState } from './node-async-state.ts';
import type { Args, StackOwner } from './stack-owner.ts';
import { captureDeep } from './stack-text.ts';

/** Every scavenge scans the stacks of idle coroutines too, so few are kept. */
const MOST_IDLE = 64;
const USUAL_STACK = 512 * 1024;
const NOTHING: Args = [];

/** Wants to know of every switch. It must neither block nor throw. */
export interface SwitchObserver {
  switched(origin: StackOwner, target: StackOwner): void;
}

/** Watches every switch while tracing is on. */
export type Tracer = (event: 'switch' | 'throw', origin: StackOwner, target: StackOwner) => void;

export class Engine {
  readonly native: NativeEngine;
  readonly main: StackOwner;
  current: StackOwner;

  /** What the running switch hands over: arguments, or one error if `throwing`. */
  args: Args = NOTHING;
  throwing = false;

  /** True while each greenlet remembers where it was spawned. */
  tracksSpawns = false;
  /** Told of each greenlet that is started, and that has ended; null while nobody asks. */
  onSpawn: ((greenlet: StackOwner) => void) | null = null;
  onEnd: ((greenlet: StackOwner) => void) | null = null;
  cpuMeter: CpuMeter | null = null;

  /** Raw greenlets that have begun and not ended. */
  rawAlive = 0;

  /** Why a blocking call may not be made now, or null; see `forbidding`. */
  forbidden: string | null = null;

  readonly #asyncIds: AsyncIds | null;
  readonly #hasContext: boolean;
  readonly #idle: number[] = [];
  /** Who runs on each coroutine. */
  readonly #owners: (StackOwner | WeakRef<StackOwner> | undefined)[] = [];
  #mainAsyncId = 0;
  #origin: StackOwner;
  #tracer: Tracer | null = null;
  readonly #observers = new Set<SwitchObserver>();
  /** True while a tracer or an observer wants a word after each switch. */
  #watched = false;

  constructor(main: StackOwner) {
    this.native = loadNativeEngine();
    this.main = main;
    this.current = main;
    this.#origin = main;
    this.#hasContext = this.native.hasContinuationData;
    const state = acquireNodeAsyncState();
    this.#asyncIds = typeof state === 'string' ? null : new AsyncIds(state);
    this.native.onForcedEnd(() => this.#afterEnd(this.current.forced()));
    this.#occupyJoinStack();
    this.#shieldFatalException();
    this.#refuseOnExit();
  }

  /** Remembers for a new greenlet what its spawner's async context is. */
  adopt(owner: StackOwner): void {
    this.#asyncIds?.identify(owner);
    if (this.#hasContext) owner.context = this.native.getContext();
  }

  /** Throws BlockingSwitchOutError if the running greenlet cannot be suspended now. */
  assertCanLeave(): void {
    if (this.forbidden !== null) throw new BlockingSwitchOutError(this.forbidden);
    if (this.#asyncIds === null && this.current !== this.main && executionAsyncId() !== this.#mainAsyncId) {
      throw new BlockingSwitchOutError(
        'cannot block inside AsyncResource.runInAsyncScope() here: the async state of this Node was not found',
      );
    }
  }

  /**
   * Suspends the running greenlet and resumes `to`, or starts it. Returns when somebody resumes this one; `args` and
   * `throwing` are then what was handed over. Callers have called `assertCanLeave`.
   *
   * @throws {BlockingSwitchOutError} if promise jobs run on the running stack; nothing has happened then.
   * @throws {RangeError} if there is no memory for a new stack.
   */
  transfer(to: StackOwner): void {
    if (!this.native.transfer(this.#depart(to))) this.#undo(to);
    if (this.#watched) this.#afterSwitch();
    else this.#origin = this.main;
  }

  /** Makes `to` current; its coroutine. A function of its own, so that no frame that stays suspended holds the
   *  departing greenlet. */
  #depart(to: StackOwner): number {
    const ids = this.#asyncIds;
    if (to.coroutine === 0 && to !== this.main) this.#giveStack(to);
    const from = this.current;
    if (from !== this.main) ids?.leave(from);
    else if (ids !== null) ids.leaveMain();
    else this.#mainAsyncId = executionAsyncId();
    if (to !== this.main) ids?.enter(to);
    else ids?.enterMain();
    this.#origin = from;
    this.current = to;
    return to.coroutine;
  }

  /** Sets or ends tracing. */
  trace(tracer: Tracer | null): void {
    this.#tracer = tracer;
    this.#watched = tracer !== null || this.#observers.size > 0;
  }

  /** Tells `observer` of every switch, until `unobserve`. */
  observe(observer: SwitchObserver): void {
    this.#observers.add(observer);
    this.#watched = true;
  }
  unobserve(observer: SwitchObserver): void {
    this.#observers.delete(observer);
    this.#watched = this.#tracer !== null || this.#observers.size > 0;
  }

  /** Begins to measure the CPU time of greenlets, or ends it. */
  measureCpu(on: boolean): void {
    if (on === (this.cpuMeter !== null)) return;
    if (this.cpuMeter !== null) this.unobserve(this.cpuMeter);
    this.cpuMeter = on ? new CpuMeter(this.native.cpuTime) : null;
    if (this.cpuMeter !== null) this.observe(this.cpuMeter);
  }

  /** An Error whose trace is where a suspended greenlet is; undefined if it has not begun. Nothing runs there. */
  traceOf(owner: StackOwner): Error | undefined {
    return captureDeep(() => this.native.traceOf(owner.coroutine));
  }

  /** Ends `owner`, which must be suspended, when it is resumed next: without its `catch` and `finally`. */
  unwind(owner: StackOwner): void {
    this.native.unwind(owner.coroutine);
  }

  /** Runs `fn` as a stretch in which every blocking call throws, saying `why`. */
  forbidding<T>(why: string, fn: () => T): T {
    const before = this.forbidden;
    this.forbidden = why;
    try {
      return fn();
    } finally {
      this.forbidden = before;
    }
  }

  /** Gives `owner`, which has not begun, the stack to begin on; the RangeError to fail with if there is none. */
  prepare(owner: StackOwner): RangeError | null {
    try {
      this.#giveStack(owner);
      return null;
    } catch (error) {
      return error as RangeError;
    }
  }

  /** Throws what was handed over as an error. */
  raise(): never {
    const [error] = this.args;
    this.args = NOTHING;
    this.throwing = false;
    throw error;
  }

  #giveStack(owner: StackOwner): void {
    const idle = owner.stackSize === 0 ? this.#idle.pop() : undefined;
    const coroutine = idle ?? this.native.create(this.#body, owner.stackSize || USUAL_STACK);
    if (coroutine === 0) {
      throw new RangeError('no memory for another greenlet: the system maps no more stacks (see `greenlets doctor`)');
    }
    this.own(owner, coroutine);
  }

  /** True if what runs on this coroutine was collected before it ended. */
  isOrphan(coroutine: number): boolean {
    const entry = this.#owners[coroutine];
    return entry instanceof WeakRef && entry.deref() === undefined;
  }

  /** Makes `owner` the one who runs on this coroutine. */
  own(owner: StackOwner, coroutine: number): void {
    owner.coroutine = coroutine;
    this.#owners[coroutine] = owner;
  }

  /** All that have begun and not ended, less those that were collected. */
  *owners(): IterableIterator<StackOwner> {
    for (const entry of this.#owners) {
      const owner = entry instanceof WeakRef ? entry.deref() : entry;
      if (owner !== undefined) yield owner;
    }
  }

  /** From now on the engine does not keep `owner` alive. */
  ownWeakly(owner: StackOwner): void {
    this.#owners[owner.coroutine] = new WeakRef(owner);
  }

  /** The life of a coroutine. The number returned is the coroutine to go on with. */
  readonly #body = (): number => {
    for (;;) {
      const coroutine = this.#currentCoroutine();
      const usual = this.#hasUsualStack();
      this.#runCurrent();
      const next = this.#afterEnd(this.#next as StackOwner, usual ? coroutine : 0);
      if (next === coroutine) continue;
      if (!usual || this.#idle.length >= MOST_IDLE) return next;
      this.#idle.push(coroutine);
      this.native.transfer(next);
    }
  };

  #currentCoroutine(): number {
    return this.current.coroutine;
  }
  #hasUsualStack(): boolean {
    return this.current.stackSize === 0;
  }

  #next: StackOwner | null = null;

  #runCurrent(): void {
    if (this.#hasContext) this.#takeContext();
    let failed = false;
    let outcome: unknown;
    try {
      if (this.#watched) this.#afterSwitch();
      outcome = this.#takeRun()(...this.#takeArgs());
    } catch (error) {
      failed = true;
      outcome = error;
    }
    this.#next = this.current.ended(failed, outcome);
  }

  #takeContext(): void {
    this.native.setContext(this.current.context);
    if (this.current.context !== undefined) this.current.context = undefined;
  }

  /** What to run; throws instead if an error was handed over. */
  #takeRun(): (...args: unknown[]) => unknown {
    if (this.throwing) {
      this.throwing = false;
      throw this.args[0];
    }
    return this.current.takeRun();
  }

  #takeArgs(): Args {
    const { args } = this;
    this.args = NOTHING;
    return args;
  }

  /** The running greenlet has ended: makes `next` current and gives its coroutine, `own` if it can begin right here. */
  #afterEnd(next: StackOwner, own = 0): number {
    const ids = this.#asyncIds;
    const ended = this.current;
    this.#next = null;
    if (ids !== null) {
      ids.leave(ended);
      ids.retire(ended);
    }
    if (ended.segment !== null) ended.segment = null;
    this.#owners[ended.coroutine] = undefined;
    ended.coroutine = 0;
    let to = next;
    if (to.coroutine === 0 && to !== this.main) {
      if (own !== 0 && to.stackSize === 0) this.own(to, own);
      else to = this.#giveStackOrNext(to);
    }
    if (to !== this.main) ids?.enter(to);
    else ids?.enterMain();
    this.#origin = ended;
    this.current = to;
    return to.coroutine;
  }

  /** On the stack of a greenlet that has ended nothing can be thrown: one that gets no stack fails with that. */
  #giveStackOrNext(owner: StackOwner): StackOwner {
    let next = owner;
    while (next.coroutine === 0 && next !== this.main) {
      const failure = this.prepare(next);
      if (failure === null) break;
      next = next.ended(true, failure);
    }
    return next;
  }

  #undo(to: StackOwner): never {
    const from = this.#origin;
    this.current = from;
    if (to !== this.main) this.#asyncIds?.leave(to);
    else this.#asyncIds?.leaveMain();
    if (from !== this.main) this.#asyncIds?.enter(from);
    throw new BlockingSwitchOutError(
      'cannot block here: promise jobs run on this greenlet’s own stack and must end first; use spawn() or run()',
    );
  }

  #afterSwitch(): void {
    for (const observer of this.#observers) observer.switched(this.#origin, this.current);
    if (this.#tracer === null) return;
    try {
      this.#tracer(this.throwing ? 'throw' : 'switch', this.#origin, this.current);
    } catch (error) {
      this.trace(null);
      this.throwing = true;
      this.args = [error];
    }
  }

  /**
   * `Array.prototype.join` keeps a stack of the joins in progress, one a realm, and traps when they end out of
   * order. A coroutine that stays suspended inside a join of its own owns the bottom entry for ever, which makes V8
   * take the way that searches.
   */
  #occupyJoinStack(): void {
    const { native } = this;
    const rest = { toString: () => (native.transfer(0), '') };
    const sentinel = native.create(() => ([rest].join(), 0), USUAL_STACK);
    if (sentinel === 0) throw new GreenletError('no memory for a stack', 'ERR_GREENLETS_UNSUPPORTED');
    native.transfer(sentinel);
  }

  /** `process.exit()` in a greenlet calls the exit handlers on its stack: if that were left, the program would go on. */
  #refuseOnExit(): void {
    process.prependListener('exit', () => {
      if (this.current !== this.main) this.forbidden = 'cannot block: the process is exiting';
    });
  }

  /** Node clears its whole stack of async ids when it handles an uncaught exception; on a greenlet's stack only the
   *  greenlet's own entries may go. */
  #shieldFatalException(): void {
    const hooked = process as unknown as { _fatalException(...args: unknown[]): boolean };
    const original = hooked._fatalException;
    if (typeof original !== 'function') return;
    const engine = this;
    hooked._fatalException = function (this: unknown, ...args: unknown[]): boolean {
      const { current } = engine;
      const ids = engine.#asyncIds;
      if (current === engine.main || ids === null) return Reflect.apply(original, process, args);
      ids.leave(current);
      try {
        return Reflect.apply(original, process, args);
      } finally {
        ids.enter(current);
      }
    };
  }
}
