/**
 * `Future` of the package `fibers`: a value that comes later, with callbacks, and which a fiber can wait for. Beyond
 * the original, every greenlet can.
 */
import { engine, getCurrent } from '../../engine/raw-greenlet.ts';
import { waitCallback } from '../callbacks.ts';
import { type Callable, callable } from './callable.ts';
import { Fiber } from './fiber.ts';
import { linkStack } from './link-stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: as in the declarations of `fibers`, so that code written for them compiles
type Any = any;
type Fn = (...args: Any[]) => Any;
/** A Node-style callback. */
export type Resolver<T> = (error?: Any, value?: T) => void;

class FutureImpl<T = Any> {
  // Set when it resolves; old code looks at them.
  declare value?: T;
  declare error?: Any;
  declare resolved?: boolean;
  /** What a wrapped function returned besides calling back. */
  declare _?: Any;
  #callbacks: Resolver<T>[] = [];

  /** Runs `fn` in a fiber of its own; of several functions, the future gives all values. */
  static task<T>(fn: () => T): FutureImpl<T>;
  static task(...fns: (() => unknown)[]): FutureImpl<unknown[]>;
  static task(...fns: Fn[]): FutureImpl {
    const tasks = fns.map((fn) => new Task(fn, undefined, []));
    return tasks.length === 1 ? (tasks[0] as Task) : allOf(tasks);
  }

  /**
   * Makes functions that take a Node-style callback give futures instead.
   *
   * @param target a function, or an object: then every function `name` of it is there as `nameFuture` too.
   * @param multi the callback gets several values: the future gives an array of them.
   * @param suffix in place of `Future`.
   */
  static wrap(target: Any, multi?: boolean, suffix = 'Future'): Any {
    if (typeof target === 'function') return wrapFunction(target as Fn, multi === true, suffix);
    if (typeof target === 'object') return wrapObject(target as object, multi === true, suffix);
    return undefined;
  }

  /**
   * Waits until all futures, given alone or in arrays, have resolved. Throws none of their errors: ask each with `get()`.
   *
   * @throws {Error} for what is no future, and where nothing can wait.
   */
  static wait(...futures: (FutureImpl | FutureImpl[])[]): void {
    waitForAll(futures.flat());
  }

  /** A future of what `promise` settles to. */
  static fromPromise<T>(promise: PromiseLike<T>): FutureImpl<T> {
    const future = new Future<T>();
    promise.then(
      (value) => future.return(value),
      (error: unknown) => future.throw(error),
    );
    return future;
  }

  /** The value. @throws its error, or an Error if it has not resolved yet. */
  get(): T {
    if (this.resolved !== true) throw new Error('Future must resolve before value is ready');
    if (this.error) {
      linkStack(this.error, this.get);
      throw this.error;
    }
    return this.value as T;
  }

  /** Resolves it with a value and calls the callbacks. @throws {Error} if it has resolved. */
  return(value?: T): void {
    this.#assertPending();
    this.value = value as T;
    this.#resolved();
  }

  /** Resolves it with an error, which must be truthy, and calls the callbacks. @throws {Error} if it has resolved. */
  throw(error: Any): void {
    this.#assertPending();
    if (!error) throw new Error(`Must throw non-empty error, got ${String(error)}`);
    this.error = error;
    this.#resolved();
  }

  #assertPending(): void {
    if (this.resolved === true) throw new Error('Future resolved more than once');
  }

  #resolved(): void {
    this.resolved = true;
    const callbacks = this.#callbacks;
    this.#callbacks = [];
    for (const callback of callbacks) {
      try {
        callback(this.error, this.value);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  /** Nobody will wait: an error is thrown to the event loop. */
  detach(): void {
    this.resolve((error) => {
      if (error) throw error;
    });
  }

  isResolved(): boolean {
    return this.resolved === true;
  }

  /** A Node-style callback that resolves this future. */
  resolver(): Resolver<T> {
    return (error, value) => {
      if (error) this.throw(error);
      else this.return(value);
    };
  }

  /** Calls back when it has resolved, at once if it has; or hands an error to another future and calls back with a value. */
  resolve(callback: Resolver<T>): this;
  resolve(onError: FutureImpl, onValue: (value: T) => void): this;
  resolve(first: FutureImpl | Resolver<T>, onValue?: (value: T) => void): this {
    const callback: Resolver<T> =
      onValue === undefined
        ? (first as Resolver<T>)
        : (error, value) => {
            if (error) (first as FutureImpl).throw(error);
            else onValue(value as T);
          };
    if (this.resolved === true) callback(this.error, this.value);
    else this.#callbacks.push(callback);
    return this;
  }

  /** Calls back with the value; an error is left alone. */
  resolveSuccess(callback: (value: T) => void): this {
    return this.resolve((error, value) => {
      if (!error) callback(value as T);
    });
  }

  /** Resolves `future` as this one. */
  proxy(future: FutureImpl<T>): void {
    this.resolve(future.resolver());
  }

  /** Hands an error on to other futures. */
  proxyErrors(futures: FutureImpl | FutureImpl[]): this {
    return this.resolve((error) => {
      if (error) for (const future of [futures].flat()) future.throw(error);
    });
  }

  promise(): Promise<T> {
    return new Promise((resolve, reject) => {
      this.resolve((error, value) => (error ? reject(error) : resolve(value as T)));
    });
  }

  /** Waits for it. @returns its value. @throws its error. */
  wait(): T {
    if (this.resolved !== true) waitForAll([this]);
    return this.get();
  }
}

/** A future, as of the package `fibers`. */
export const Future: Callable<typeof FutureImpl> = callable('Future', FutureImpl);
export type Future<T = Any> = FutureImpl<T>;

/** A call of a function in a fiber of its own: from the next tick on, or in the fiber that waits for it earlier. */
class Task extends FutureImpl {
  readonly #call: () => unknown;
  #started = false;

  constructor(fn: Fn, context: unknown, args: unknown[]) {
    super();
    this.#call = () => Reflect.apply(fn, context, args);
    process.nextTick(() => {
      if (!this.#started) Fiber(() => this.runHere()).run();
    });
  }

  get started(): boolean {
    return this.#started;
  }

  runHere(): void {
    this.#started = true;
    let value: unknown;
    try {
      value = this.#call();
    } catch (error) {
      this.throw(error);
      return;
    }
    this.return(value);
  }
}

function allOf(futures: FutureImpl[]): FutureImpl<unknown[]> {
  const result = new Future<unknown[]>();
  let pending = futures.length;
  let failure: unknown;
  for (const future of futures) {
    future.resolve((error) => {
      failure = error ?? failure;
      if (--pending > 0) return;
      if (failure) result.throw(failure);
      else result.return(futures.map((each) => each.value as unknown));
    });
  }
  return result;
}

function wrapObject(target: object, multi: boolean, suffix: string, members = true): object {
  const wrapped = Object.create(target) as Record<string, unknown>;
  for (const name in target) {
    const fn = wrapped[name];
    if (typeof fn === 'function') wrapped[name + suffix] = wrapFunction(fn as Fn, multi, suffix, members);
  }
  return wrapped;
}

/** @param members also wrap the functions that `fn` has as properties. */
function wrapFunction(fn: Fn, multi: boolean, suffix: string, members = true): Fn {
  const wrapped = function (this: unknown, ...args: unknown[]): FutureImpl {
    const future = new Future();
    const resolve = future.resolver();
    const callback = multi ? (error: unknown, ...values: unknown[]) => resolve(error, values) : resolve;
    future._ = Reflect.apply(fn, this, [...args, callback]);
    return future;
  };
  if (members) Object.setPrototypeOf(wrapped, wrapObject(fn, multi, suffix, false));
  return wrapped;
}

function waitForAll(futures: FutureImpl[]): void {
  for (const future of futures) {
    if (!(future instanceof FutureImpl)) throw new Error(`${String(future)} is not a future`);
  }
  const pending = futures.filter((future) => !future.isResolved());
  if (Fiber.current !== undefined) yieldForAll(pending);
  else if (getCurrent() === engine.main) throw new Error("Can't wait without a fiber");
  else if (pending.length > 0) waitCallback((done) => countDown(pending, () => done(null)));
}

function countDown(futures: FutureImpl[], done: () => void): void {
  let left = futures.length;
  for (const future of futures) {
    future.resolve(() => {
      if (--left === 0) done();
    });
  }
}

/** One task that has not begun runs right here, so that a fiber less is needed. */
function yieldForAll(futures: FutureImpl[]): void {
  const own = futures.find((future) => future instanceof Task && !future.started) as Task | undefined;
  const others = futures.filter((future) => future !== own);
  const fiber = Fiber.current as Fiber;
  let waiting = false;
  let resolved = others.length === 0;
  countDown(others, () => {
    resolved = true;
    if (waiting) fiber.run();
  });
  own?.runHere();
  if (resolved) return;
  waiting = true;
  Fiber.yield();
}

declare global {
  interface Function {
    /** The same function, run in a fiber of its own: it returns a future. With `detach`, its error goes to the event loop. */
    future(detach?: boolean): Fn;
  }
}

Object.defineProperty(Function.prototype, 'future', {
  configurable: true,
  writable: true,
  value(this: Fn, detach?: boolean): Fn {
    const fn = this;
    const wrapped = function (this: unknown, ...args: unknown[]): FutureImpl {
      const future = new Task(fn, this, args);
      if (detach === true) future.detach();
      return future;
    };
    wrapped.toString = () => `<<Future ${String(fn)}.future()>>`;
    return wrapped;
  },
});
