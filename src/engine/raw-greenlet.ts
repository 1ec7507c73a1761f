/**
 * The greenlet of Python's `greenlet`: a function with a stack of its own, switched to and from by hand.
 *
 *   not started ──switch──> running ⇄ suspended ──run returns or throws──> dead, its parent goes on
 */
import { types } from '../builtins.ts';
import { branded, GreenletError, GreenletExit, InvalidSwitchError } from '../errors.ts';
import { Engine } from './engine.ts';
import { native, shared } from './shared.ts';
import type { Args, StackOwner } from './stack-owner.ts';
import { appendToStack, captureDeep, foreignStack, stackParts } from './stack-text.ts';

// Taken now: test libraries replace the global one.
const { setImmediate } = globalThis;

type Run = (...args: never[]) => unknown;
/** Called after each switch, in the target: `('switch' | 'throw', [origin, target])`. */
export type TraceCallback = (event: 'switch' | 'throw', greenlets: [origin: RawGreenlet, target: RawGreenlet]) => void;

const NONE: Args = [];

function unpack(args: Args): unknown {
  return args.length > 1 ? args : args[0];
}

function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value === 'symbol' ? 'a symbol' : String(value);
}

/** `throw(Class)` makes an instance; anything else that is no Error (of whatever realm) is refused. */
export function toError(error: unknown): Error {
  if (typeof error === 'function' && (error === Error || error.prototype instanceof Error)) {
    return new (error as new () => Error)();
  }
  if (error instanceof Error || types.isNativeError(error)) return error;
  throw new TypeError(`expected an Error, got ${describe(error)}`);
}

export class RawGreenlet<R = unknown> {
  /** @internal */ coroutine = 0;
  /** @internal */ context: unknown = undefined;
  /** @internal */ asyncId = 0;
  /** @internal */ triggerId = 0;
  /** @internal */ resource: object = this;
  /** @internal */ base = 0;
  /** @internal */ spawnerRef: RawGreenlet | undefined = undefined;
  /** @internal */ parentRef: RawGreenlet | undefined;
  /** @internal The hub's: what it is parked on. */ waiter: object | null = null;
  /** @internal The hub's: it stands in the ready queue. */ queued = false;
  /** @internal The hub's: errors to raise at its blocking calls. */ pending: unknown[] | null = null;
  /** @internal */ begun = false;
  /** @internal */ finished = false;

  // What few greenlets need stands on the prototype until it is set: every field of a greenlet is paid for a hundred
  // thousand times.
  /** @internal */ declare stackSize: number;
  /** @internal */ declare segment: unknown[] | null;
  /** @internal */ declare defaultTrigger: number;
  /** @internal */ declare domains: unknown[] | null;
  /** @internal What outlives it if it is collected while suspended. */ declare remains: Remains | null;
  /** @internal The hub's: depth of `shield`. */ declare shielded: number;
  /** @internal The hub's: errors kept back by `shield`. */ declare withheld: unknown[] | null;
  /** @internal It was ended by force: what it held is broken. */ declare broke: boolean;
  /** @internal Values of its `Local`s. */ declare locals: WeakMap<object, unknown> | null;
  /** @internal See `spawnTreeLocals`. */ declare treeLocals: Record<string, unknown> | undefined;
  /** @internal Where it was spawned, unformatted. */ declare spawnTrace: Error | undefined;
  /** @internal Milliseconds of `cpuTime` up to its last switch. */ declare spentCpu: number;
  static {
    const none = { segment: null, domains: null, withheld: null, locals: null, remains: null };
    const unset = { treeLocals: undefined, spawnTrace: undefined };
    Object.assign(RawGreenlet.prototype, none, unset, {
      stackSize: 0,
      defaultTrigger: -1,
      shielded: 0,
      broke: false,
      spentCpu: 0,
    });
  }

  #run: Run | undefined;

  /**
   * @param run what the first `switch()` calls; may be left out by a subclass that defines `run()`.
   * @param parent who goes on when `run` has returned or thrown; the current greenlet by default.
   * @throws {TypeError} if `run` is no function or `parent` no greenlet.
   */
  constructor(run?: (...args: never[]) => R, parent?: RawGreenlet) {
    if (run !== undefined && typeof run !== 'function') {
      throw new TypeError(`run must be a function, got ${describe(run)}`);
    }
    if (parent !== undefined && !(parent instanceof RawGreenlet)) {
      throw new TypeError(`parent must be a greenlet, got ${describe(parent)}`);
    }
    this.#run = run as Run | undefined;
    this.parentRef = parent;
    if (booted) {
      this.parentRef ??= engine.current as RawGreenlet;
      engine.adopt(this);
      this.#rememberSpawner();
    }
  }

  /** A greenlet refers to its spawner. Of the dead only the last stays linked: a greenlet that is spawned by one that was
   *  spawned by one … that has ended would else hold them all. */
  #rememberSpawner(): void {
    const spawner = engine.current as RawGreenlet;
    this.spawnerRef = spawner;
    const above = spawner.spawnerRef;
    if (above?.finished) {
      above.treeLocals = above.spawnTreeLocals;
      above.spawnerRef = undefined;
    }
    if (engine.tracksSpawns) this.spawnTrace = captureDeep(() => new Error());
  }

  /** The greenlet that made this one; undefined for the main greenlet, and when its kind has ended long ago. */
  get spawner(): RawGreenlet | undefined {
    return this.spawnerRef;
  }
  /** Where it was spawned, as an `Error.stack`; '' unless tracking was on then, see `Hub.trackSpawns`. */
  get spawnStack(): string {
    return this.spawnTrace === undefined ? '' : foreignStack(this.spawnTrace);
  }
  /** One object for a tree of greenlets: for one that the main greenlet made, and all that are spawned in it. */
  get spawnTreeLocals(): Record<string, unknown> {
    const above = this.spawnerRef;
    const isRoot = above === undefined || above === engine.main;
    this.treeLocals ??= isRoot ? {} : above.spawnTreeLocals;
    return this.treeLocals;
  }
  /** Milliseconds of CPU that it has used while tracking was on, see `Hub.trackSpawns`. */
  get cpuTime(): number {
    return this.spentCpu + (this === engine.current ? (engine.cpuMeter?.running() ?? 0) : 0);
  }

  /** The function to run; undefined once started. A subclass may define it as a method. */
  run?(...args: never[]): R;
  static {
    Object.defineProperty(RawGreenlet.prototype, 'run', {
      configurable: true,
      get(this: RawGreenlet): Run | undefined {
        return this.#run;
      },
      set(this: RawGreenlet, run: unknown) {
        if (this.begun || this.finished) throw new GreenletError('run cannot be set: the greenlet was started');
        if (run !== undefined && typeof run !== 'function') {
          throw new TypeError(`run must be a function, got ${describe(run)}`);
        }
        this.#run = run as Run | undefined;
      },
    });
  }

  /** Who goes on when this one ends; undefined for the main greenlet. */
  get parent(): RawGreenlet | undefined {
    return this.parentRef;
  }
  set parent(parent: RawGreenlet | undefined) {
    if (this === engine.main) throw new GreenletError('the main greenlet has no parent');
    if (!(parent instanceof RawGreenlet)) throw new TypeError(`parent must be a greenlet, got ${describe(parent)}`);
    for (let ancestor: RawGreenlet | undefined = parent; ancestor !== undefined; ancestor = ancestor.parentRef) {
      if (ancestor === this) throw new GreenletError('cyclic parent chain');
    }
    this.parentRef = parent;
  }

  get dead(): boolean {
    return this.finished;
  }
  get started(): boolean {
    return this.begun && !this.finished;
  }

  /**
   * Where it is blocked right now, as an `Error.stack`, innermost first, without the frames of this package. Of the current
   * one: where this is read; '' if it has not begun or has ended. May be read of any greenlet from anywhere.
   */
  get stack(): string {
    const trace = this.trace();
    return trace === undefined ? '' : foreignStack(trace);
  }

  /** @internal As `stack`, unformatted. */
  trace(): Error | undefined {
    if (this === engine.current) return captureDeep(() => new Error());
    return this.begun && !this.finished ? engine.traceOf(this) : undefined;
  }

  /**
   * Suspends the current greenlet and goes on in this one, or in its first living ancestor.
   *
   * @returns what is later switched to the caller: nothing → undefined, one value → it, several → the array.
   * @throws whatever is thrown into the caller meanwhile.
   */
  switch(...args: unknown[]): unknown {
    let target: RawGreenlet = this;
    while (target.finished) target = target.parentRef as RawGreenlet;
    if (target === engine.current) return unpack(args);
    assertSwitchable(target);
    return exchange(target, args, false);
  }

  /**
   * Raises `error` in this greenlet, where it is suspended. One not started is dead afterwards, without having run.
   *
   * @throws {TypeError} if `error` is neither an Error nor a class of errors.
   */
  throw(error: unknown = new GreenletExit()): unknown {
    const thrown = toError(error);
    const exit = thrown instanceof GreenletExit;
    let target: RawGreenlet = this;
    let died = this.finished;
    while (target.finished || !target.begun) {
      target.finished = true;
      died = true;
      target = target.parentRef as RawGreenlet;
      if (exit) break; // caught at the boundary: handed over as a value from here on
    }
    if (died && exit) return target.switch(thrown);
    if (target === engine.current) throw thrown;
    assertSwitchable(target);
    return exchange(target, [thrown], true);
  }

  /** @internal */
  get givenName(): string | undefined {
    return undefined;
  }

  /** @internal */
  get entry(): unknown {
    return this.finished || this.begun ? undefined : this.run;
  }

  /** @internal */
  takeRun(): (...args: unknown[]) => unknown {
    const given = this.#run;
    this.begun = true;
    engine.rawAlive++;
    if (engine.onSpawn !== null) engine.onSpawn(this);
    if (given !== undefined) {
      this.#run = undefined;
      return given as (...args: unknown[]) => unknown;
    }
    const method = (this.run as Run).bind(this);
    Object.defineProperty(this, 'run', { value: undefined });
    return method as (...args: unknown[]) => unknown;
  }

  /** @internal */
  ended(failed: boolean, outcome: unknown): StackOwner {
    if (this.begun) engine.rawEnded();
    if (this.locals !== null) this.locals = null;
    this.finished = true;
    if (failed && this.spawnTrace !== undefined) appendSpawn(outcome, this);
    if (engine.onEnd !== null) engine.onEnd(this);
    return this.#handOver(failed && !(outcome instanceof GreenletExit), outcome);
  }

  /** @internal */
  forced(): StackOwner {
    engine.rawEnded();
    this.finished = true;
    if (engine.onEnd !== null) engine.onEnd(this);
    return this.#handOver(false, undefined);
  }

  /** Gives the outcome to the first ancestor that can take it. */
  #handOver(failed: boolean, outcome: unknown): StackOwner {
    let heir = this.parentRef as RawGreenlet;
    while (heir.finished || (failed && !heir.begun)) {
      heir.finished = true;
      heir = heir.parentRef as RawGreenlet;
    }
    engine.args = [outcome];
    engine.throwing = failed;
    return heir.waiter === null ? heir : engine.main;
  }
}

branded(RawGreenlet, 'RawGreenlet');

function assertSwitchable(target: RawGreenlet): void {
  if (target.waiter !== null || target.queued) {
    throw new InvalidSwitchError('the greenlet waits in the hub: only what it waits for may resume it');
  }
  if (!target.begun && target.run === undefined) throw new GreenletError('the greenlet has no run');
}

/** Hands `args` to `target` and waits to be switched to. Holds no greenlet while suspended. */
function exchange(target: RawGreenlet, args: Args, throwing: boolean): unknown {
  engine.assertCanLeave();
  watchForCollection();
  engine.args = args;
  engine.throwing = throwing;
  try {
    engine.transfer(target);
  } catch (error) {
    // The switch was not made: nothing is handed over.
    engine.throwing = false;
    throw error;
  }
  return receive();
}

function receive(): unknown {
  const { args } = engine;
  engine.args = NONE;
  if (engine.throwing) {
    engine.throwing = false;
    throw args[0];
  }
  return unpack(args);
}

/** What is left of a collected greenlet: its stack, and scopes of Node's that are open on it. */
interface Remains {
  readonly coroutine: number;
  readonly reference: WeakRef<StackOwner>;
  segment: unknown[] | null;
}

/** A greenlet suspended by hand that nobody refers to any more is unwound, so that its `finally` blocks run. */
const collected = new FinalizationRegistry<Remains>((remains) => onCollected(remains));

function watchForCollection(): void {
  const greenlet = engine.current as RawGreenlet;
  if (greenlet.remains !== null || greenlet === engine.main) return;
  const remains = { coroutine: greenlet.coroutine, reference: engine.ownWeakly(greenlet), segment: null };
  greenlet.remains = remains;
  collected.register(greenlet, remains);
}

function onCollected(remains: Remains): void {
  if (engine.current !== engine.main) {
    setImmediate(onCollected, remains);
    return;
  }
  const heir = new RawGreenlet();
  if (!engine.inherit(heir, remains.coroutine, remains.reference)) return; // it had ended before
  heir.segment = remains.segment;
  heir.begun = true;
  try {
    heir.throw(new GreenletExit('the greenlet was collected: nothing could have resumed it'));
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}

const traced = new WeakSet<object>();

/** Shows in the stack of an error, once and after its own frames, where the greenlet was spawned that it has ended. */
export function appendSpawn(error: unknown, greenlet: RawGreenlet): void {
  if (!(error instanceof Error) || traced.has(error) || greenlet.spawnTrace === undefined) return;
  if (appendToStack(error, 'spawned by', stackParts(greenlet.spawnTrace).frames)) traced.add(error);
}

let booted = false;
/** The one engine of this thread. */
export const engine: Engine = shared('engine', () => new Engine(new RawGreenlet(), native));
(engine.main as RawGreenlet).begun = true;
booted = true;

/** The greenlet that runs now; the main greenlet on the event loop's own stack. */
export function getCurrent(): RawGreenlet {
  return engine.current as RawGreenlet;
}

let traceCallback: TraceCallback | null = null;

/**
 * Calls `callback` after every switch, in the target. An error in it ends tracing and surfaces at the switch.
 *
 * @returns the callback set before, or null.
 */
export function setTrace(callback: TraceCallback | null): TraceCallback | null {
  if (callback !== null && typeof callback !== 'function') {
    throw new TypeError(`expected a function or null, got ${describe(callback)}`);
  }
  const before = getTrace();
  traceCallback = callback;
  engine.trace(
    callback === null
      ? null
      : (event, origin, target) => {
          try {
            callback(event, [origin as RawGreenlet, target as RawGreenlet]);
          } catch (error) {
            traceCallback = null; // the engine ends tracing
            throw error;
          }
        },
  );
  return before;
}

/** The callback of `setTrace`, or null. */
export function getTrace(): TraceCallback | null {
  return traceCallback;
}
