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
import { isInspectorLoaded } from '../builtins.ts';
import { BlockingSwitchOutError } from '../errors.ts';
import type { NativeEngine } from '../native.ts';
import { AsyncIds } from './async-ids.ts';
import { CpuMeter } from './cpu-meter.ts';
import { frameNamed, type NamedFrame, profiledEvery, USUAL_INTERVAL } from './cpu-profile.ts';
import { watchDebuggers } from './debuggers.ts';
import { onExiting } from './exiting.ts';
import { shieldFatalException } from './fatal-exception.ts';
import { Interrupts, type SliceOver } from './interrupts.ts';
import { keepJoinStackOpen } from './join-stack.ts';
import { acquireNodeAsyncState } from './node-async-state.ts';
import { discardIfPossible, giveUpLoopAssumptions } from './optimized-code.ts';
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
  /** Told, on its stack, of each greenlet that begins to run; null while nobody asks. */
  onBegin: ((greenlet: StackOwner) => void) | null = null;
  cpuMeter: CpuMeter | null = null;
  /** True while each greenlet begins in a frame with its name, for CPU profiles. */
  #namesFrames = false;

  /** Raw greenlets that have begun and not ended. */
  rawAlive = 0;
  /** Called when none of them is left. */
  onLastRawEnd: () => void = () => {};

  /** Why a blocking call may not be made now, or null; see `forbidding`. */
  forbidden: string | null = null;
  /** Why no stack may be made now, or null. */
  stackless: string | null = null;
  /** Called on the main stack’s behalf when a termination is about to sweep it: `next` was to run and does not. */
  onTermination: (next: StackOwner) => void = () => {};

  /** Called once, before the first greenlet is made; `debugged` tells whether a debugger may be attached. */
  onStart: (debugged: boolean) => void = () => {};

  #started = false;
  #asyncIds: AsyncIds | null = null;
  readonly #hasContext: boolean;
  /** True if blocking must be refused inside nested scopes, because what they leave behind cannot be carried. */
  #refusesNesting = false;
  #interrupts: Interrupts | null = null;
  readonly #idle: number[] = [];
  /** Who runs on each coroutine. */
  readonly #owners: (StackOwner | WeakRef<StackOwner> | undefined)[] = [];
  #mainAsyncId = 0;
  #origin: StackOwner;
  #tracer: Tracer | null = null;
  readonly #observers = new Set<SwitchObserver>();
  /** True while a tracer or an observer wants a word after each switch. */
  #watched = false;

  constructor(main: StackOwner, native: NativeEngine) {
    this.native = native;
    this.main = main;
    this.current = main;
    this.#origin = main;
    this.#hasContext = native.hasContinuationData;
    if (native.failure !== null) return;
    native.onForcedEnd(
      () => this.#asyncIds?.tolerateDisorder(),
      (foreign) => this.#afterForcedEnd(foreign),
    );
    keepJoinStackOpen(native);
    onExiting(() => {
      // Exit handlers run on the stack that exits: if a greenlet's were left, the program would go on.
      if (this.current !== main) this.forbidden = 'cannot block: the process is exiting';
    });
  }

  /** Takes over what the first greenlet needs. Not done earlier: it takes longer than all else that an import does. */
  start(): void {
    if (this.#started || this.native.failure !== null) return;
    this.#started = true;
    const inspected = isInspectorLoaded();
    // Not where somebody else may be measuring coverage in a session: it would be reset.
    if (this.native.collectsInFastCalls && !inspected) discardIfPossible();
    const state = acquireNodeAsyncState(this.native);
    if (typeof state !== 'string') {
      this.#asyncIds = new AsyncIds(state, (hook) => this.forbidding('cannot block in a hook of async_hooks', hook));
      shieldFatalException(this.#asyncIds, () => this.current !== this.main);
    }
    this.#refusesNesting = this.#asyncIds === null || !this.native.carriesCallbackDepth;
    if (inspected || profiledEvery() > 0) this.#joinProfiles();
    const debugged = watchDebuggers(this.native, () => this.#joinProfiles());
    this.onStart(debugged);
  }

  /** Remembers for a new greenlet what its spawner's async context is. */
  adopt(owner: StackOwner): void {
    if (!this.#started) this.start();
    this.#asyncIds?.identify(owner);
    if (this.#hasContext) owner.context = this.native.getContext();
  }

  /** Interrupts of running JavaScript. @throws {GreenletError} if they are not possible here. */
  get interrupts(): Interrupts {
    this.#interrupts ??= new Interrupts(this.native);
    return this.#interrupts;
  }

  /** From now on `sliceOver` is called when a slice is over. @throws {GreenletError} if that is not possible here. */
  allowPreemption(sliceOver: SliceOver): void {
    if (this.interrupts.onSliceOver === sliceOver) return;
    giveUpLoopAssumptions(this.native);
    this.interrupts.onSliceOver = sliceOver;
  }

  /** From now on greenlets are in CPU profiles, if any are taken; not where JavaScript cannot be interrupted. */
  #joinProfiles(): void {
    if (this.#namesFrames) return;
    this.#namesFrames = true;
    try {
      this.interrupts.sampleProfile(profiledEvery() || USUAL_INTERVAL);
    } catch (error) {
      process.emitWarning(error as Error);
    }
  }

  /** True if the running greenlet can be suspended now. */
  canLeave(): boolean {
    try {
      this.assertCanLeave();
      return true;
    } catch {
      return false;
    }
  }

  /** Throws BlockingSwitchOutError if the running greenlet cannot be suspended now. Ask before `transfer`. */
  assertCanLeave(): void {
    if (this.forbidden !== null) throw new BlockingSwitchOutError(this.forbidden);
    if (this.#refusesNesting && this.current !== this.main && this.#isNested()) {
      throw new BlockingSwitchOutError(
        'cannot block inside AsyncResource.runInAsyncScope() or a callback of Node’s here: the state to carry along ' +
          'was not found in this Node',
      );
    }
  }

  #isNested(): boolean {
    return this.#asyncIds?.nested(this.current) ?? executionAsyncId() !== this.#mainAsyncId;
  }

  /**
   * Suspends the running greenlet and resumes `to`, or starts it. Returns when somebody resumes this one; `args` and
   * `throwing` are then what was handed over. Callers have called `assertCanLeave`.
   *
   * @throws {BlockingSwitchOutError} if promise jobs run on this stack; nothing has happened then.
   * @throws {RangeError} if there is no memory for a new stack.
   */
  transfer(to: StackOwner): void {
    if (!this.native.transfer(this.#depart(to))) this.#undo();
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

  /** The main stack, which is current, goes back to the event loop. To call it is no duty, only faster. */
  backToLoop(): void {
    this.#asyncIds?.backToLoop();
  }

  /** A raw greenlet has ended. */
  rawEnded(): void {
    if (--this.rawAlive === 0) this.onLastRawEnd();
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

  /** Ends `owner` without its `catch` and `finally`: at once if it is the current one, else when it is resumed next. */
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

  /** Runs `fn` as the event loop would, whatever is interrupted here: `fn` cannot block, and is nobody's code. */
  asMain<T>(why: string, fn: () => T): T {
    const { current } = this;
    this.current = this.main;
    try {
      return this.forbidding(why, fn);
    } finally {
      this.current = current;
    }
  }

  /** Gives `owner`, which has not begun, the stack to begin on; the error to fail with if there is none. */
  prepare(owner: StackOwner): Error | null {
    try {
      this.#giveStack(owner);
      return null;
    } catch (error) {
      return error as Error;
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
    if (idle === undefined && this.stackless !== null) throw new BlockingSwitchOutError(this.stackless);
    const coroutine = idle ?? this.native.create(this.#body, owner.stackSize || USUAL_STACK);
    if (coroutine === 0) {
      throw new RangeError('no memory for another greenlet: the system maps no more stacks (see `greenlets doctor`)');
    }
    this.#own(owner, coroutine);
  }

  #own(owner: StackOwner, coroutine: number): void {
    owner.coroutine = coroutine;
    this.#owners[coroutine] = owner;
  }

  /** Who runs on a coroutine; the main greenlet for 0. */
  ownerOf(coroutine: number): StackOwner | undefined {
    const entry = coroutine === 0 ? this.main : this.#owners[coroutine];
    return entry instanceof WeakRef ? entry.deref() : entry;
  }

  /** All that have begun and not ended, less those that were collected. */
  *owners(): IterableIterator<StackOwner> {
    for (const entry of this.#owners) {
      const owner = entry instanceof WeakRef ? entry.deref() : entry;
      if (owner !== undefined) yield owner;
    }
  }

  /** From now on the engine does not keep `owner` alive. */
  ownWeakly(owner: StackOwner): WeakRef<StackOwner> {
    const reference = new WeakRef(owner);
    this.#owners[owner.coroutine] = reference;
    return reference;
  }

  /** Gives the coroutine of a collected owner, known by `reference`, to `heir`; false if that owner had ended before. */
  inherit(heir: StackOwner, coroutine: number, reference: WeakRef<StackOwner>): boolean {
    if (this.#owners[coroutine] !== reference) return false;
    this.#own(heir, coroutine);
    return true;
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
      if (this.onBegin !== null) this.onBegin(this.current);
      outcome = this.#namesFrames ? this.#runNamed() : this.#takeRun()(...this.#takeArgs());
    } catch (error) {
      failed = true;
      outcome = error;
    }
    this.#next = this.current.ended(failed, outcome);
  }

  #runNamed(): unknown {
    return this.#frame()(this.#takeRun(), this.#takeArgs());
  }
  #frame(): NamedFrame {
    return frameNamed(this.current.givenName ?? 'greenlet');
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
      if (own !== 0 && to.stackSize === 0) this.#own(to, own);
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

  /** The current greenlet was ended by a termination, none of whose frames is left. */
  #afterForcedEnd(foreign: boolean): number {
    this.#asyncIds?.expectOrder();
    this.forbidden = null;
    const next = this.current.forced();
    if (!foreign) return this.#afterEnd(next);
    this.args = NOTHING;
    this.throwing = false;
    this.#afterEnd(this.main);
    this.onTermination(next);
    return 0;
  }

  /** The departure to `current` was refused. */
  #undo(): never {
    const to = this.current;
    const from = this.#origin;
    this.current = from;
    this.args = NOTHING;
    this.throwing = false;
    if (to !== this.main) this.#asyncIds?.leave(to);
    else this.#asyncIds?.leaveMain();
    if (from !== this.main) this.#asyncIds?.enter(from);
    else this.#asyncIds?.enterMain();
    throw new BlockingSwitchOutError(
      'cannot block here: promise jobs run on this greenlet’s own stack and must end first; use spawn() or run()',
    );
  }

  #afterSwitch(): void {
    for (const observer of this.#observers) observer.switched(this.#origin, this.current);
    if (this.#tracer === null) return;
    const tracer = this.#tracer;
    const event = this.throwing ? 'throw' : 'switch';
    try {
      this.forbidding('cannot block in a trace callback', () => tracer(event, this.#origin, this.current));
    } catch (error) {
      this.trace(null);
      this.throwing = true;
      this.args = [error];
    }
  }
}
