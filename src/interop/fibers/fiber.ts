/**
 * `Fiber` of the package `fibers`, on raw greenlets.
 *
 *   not started ──run()──> running ──Fiber.yield()──> yielding ──run(), throwInto(), reset()──> running
 *        ^                    │
 *        └── fn ends ─────────┘   it may be run again
 *
 * `run()` returns when the fiber yields or ends. A fiber may also make blocking calls of this package: its caller waits
 * along then, unless that is the event loop's own stack, where `run()` returns `undefined` at once.
 *
 * A fiber that yields and that nobody refers to any more is unwound after a garbage collection. So no frame that
 * stays on its stack may refer to it: they ask for the current one instead.
 */
import { engine, getCurrent, RawGreenlet } from '../../engine/raw-greenlet.ts';
import { type Callable, callable } from './callable.ts';

// The declarations of `fibers` say `any` for every value that passes between a fiber and its caller; so code that was
// written against them compiles.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Passed = any;
type Body = (param?: Passed) => Passed;

/** The greenlet of one life of a fiber, from its start to its end. */
class FiberGreenlet extends RawGreenlet {
  readonly fiber: FiberImpl;
  constructor(fiber: FiberImpl) {
    super(live, engine.main as RawGreenlet);
    this.fiber = fiber;
  }
}

/** What `throwInto` hands over: anything may be thrown, not only errors. */
class Thrown {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

let poolSize = 120;
let created = 0;

function currentFiber(): FiberImpl | undefined {
  const greenlet = getCurrent();
  return greenlet instanceof FiberGreenlet ? greenlet.fiber : undefined;
}

/** Marks the current fiber as yielding; gives whom to switch to. */
let leave: () => RawGreenlet;
/** The current fiber yields no more. */
let back: () => void;
/** The current fiber has ended, with `error` if it threw: true if that is only its own unwinding. */
let end: (error?: unknown) => boolean;

class FiberImpl {
  readonly #fn: Body;
  #greenlet: FiberGreenlet | null = null;
  #yielding = false;
  #zombie: Error | null = null;

  /** @throws {TypeError} unless given exactly one function. */
  constructor(...args: [fn: Body]) {
    const [fn] = args;
    if (args.length !== 1) throw new TypeError(`Fiber expects 1 argument, got ${args.length}`);
    if (typeof fn !== 'function') throw new TypeError(`Fiber expects a function, got ${String(fn)}`);
    this.#fn = fn;
  }

  /** The fiber that runs now; undefined outside of any. */
  static get current(): FiberImpl | undefined {
    return currentFiber();
  }
  /** Kept for old programs: the engine pools its stacks itself. */
  static get poolSize(): number {
    return poolSize;
  }
  static set poolSize(size: number) {
    poolSize = Number(size);
  }
  /** How many fibers have been started so far. */
  static get fibersCreated(): number {
    return created;
  }

  /**
   * Suspends the current fiber: its `run()`, `throwInto()` or `reset()` returns `value`.
   *
   * @returns what the next `run()` is given.
   * @throws what `throwInto()` is given; an error when no fiber runs; the zombie's error once it is being reset.
   */
  static yield(...value: [value?: Passed]): Passed {
    if (value.length > 1) throw new TypeError(`yield() expects 1 or no arguments, got ${value.length}`);
    return giveBack(value[0]);
  }

  /** True from the first `run()` until the function has ended. */
  get started(): boolean {
    return this.#greenlet !== null;
  }

  /**
   * Starts the fiber, or resumes it where it yields.
   *
   * @param param the first argument of the function, or what `Fiber.yield()` returns.
   * @returns what the fiber yields next, or what its function returns.
   * @throws what its function throws; an Error if it runs already.
   */
  run(...param: [param?: Passed]): Passed {
    if (this.#greenlet !== null && !this.#yielding) throw new Error('This Fiber is already running');
    if (param.length > 1) throw new TypeError(`run() expects 1 or no arguments, got ${param.length}`);
    if (this.#greenlet !== null) return this.#resume(param);
    this.#greenlet = new FiberGreenlet(this);
    created++;
    return this.#resume([this.#fn, ...param]);
  }

  /**
   * Raises `error`, which may be any value, where the fiber yields.
   *
   * @returns and throws as `run()`.
   */
  throwInto(...error: [error?: Passed]): Passed {
    this.#assertYielding();
    if (error.length > 1) throw new TypeError(`throwInto() expects 1 or no arguments, got ${error.length}`);
    return this.#resume([new Thrown(error[0])]);
  }

  /**
   * Unwinds the fiber: this and every later `Fiber.yield()` in it throws until its function has ended. Nothing happens if
   * it is not started.
   *
   * @returns what its function returns meanwhile, if anything.
   */
  reset(...none: []): Passed {
    if (this.#greenlet === null) return undefined;
    this.#assertYielding();
    if ((none as unknown[]).length > 0) throw new TypeError('reset() expects no arguments');
    this.#zombie = new Error('This Fiber is a zombie');
    return this.#resume([new Thrown(this.#zombie)]);
  }

  #assertYielding(): void {
    if (!this.#yielding) throw new Error('This Fiber is not yielding');
  }

  #resume(args: unknown[]): Passed {
    const greenlet = this.#greenlet as FiberGreenlet;
    greenlet.parent = getCurrent();
    try {
      return greenlet.switch(...args);
    } finally {
      // A caller that is not to be returned to any more must not be kept alive.
      greenlet.parent = engine.main as RawGreenlet;
      if (!greenlet.begun) this.#greenlet = null; // it could not be started
    }
  }

  static {
    leave = () => {
      const fiber = currentFiber();
      if (fiber === undefined) throw new Error('yield() called with no fiber running');
      if (fiber.#zombie !== null) throw fiber.#zombie;
      fiber.#yielding = true;
      return (fiber.#greenlet as FiberGreenlet).parent as RawGreenlet;
    };
    back = () => {
      const fiber = currentFiber();
      if (fiber !== undefined) fiber.#yielding = false;
    };
    end = (error) => {
      const fiber = currentFiber();
      if (fiber === undefined) return false; // unwound after a garbage collection
      const unwound = fiber.#zombie !== null && error === fiber.#zombie;
      fiber.#greenlet = null;
      fiber.#zombie = null;
      return unwound;
    };
  }
}

function giveBack(value: unknown): unknown {
  try {
    const given = leave().switch(value);
    if (given instanceof Thrown) throw given.value;
    return given;
  } finally {
    back();
  }
}

/** The whole life of a fiber, on its own stack. */
function live(fn: Body, ...param: [unknown?]): unknown {
  let value: unknown;
  try {
    value = Reflect.apply(fn, globalThis, param);
  } catch (error) {
    if (end(error)) return undefined;
    throw error;
  }
  end();
  return value;
}

/** A coroutine, as of the package `fibers`; `new` may be left out. */
export const Fiber: Callable<typeof FiberImpl> = callable('Fiber', FiberImpl);
export type Fiber = FiberImpl;
