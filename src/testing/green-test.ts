/** `node:test` whose functions run in greenlets: tests, suites and hooks may block. */
import * as node from 'node:test';
import { run } from '../hub/run.ts';
import { dressLike } from '../interop/to-sync.ts';

type AnyFunction = (...args: never[]) => unknown;

/** Lets the last argument that is a function run in a greenlet; one that takes a callback besides the context may call it. */
function green(args: unknown[]): unknown[] {
  return args.map((arg) => (typeof arg === 'function' ? inGreenlet(arg as AnyFunction) : arg));
}

function inGreenlet(fn: AnyFunction): AnyFunction {
  const call = fn as (this: unknown, ...args: unknown[]) => unknown;
  if (fn.length < 2) {
    return dressLike(function (this: unknown, ...args: unknown[]) {
      makeGreen(args[0]);
      return run(() => call.apply(this, args));
    }, fn) as AnyFunction;
  }
  return dressLike(function (this: unknown, context: unknown, done: (error: unknown) => void): void {
    makeGreen(context);
    run(() => call.apply(this, [context, done])).catch(done);
  }, fn as never) as unknown as AnyFunction;
}

const greenContexts = new WeakSet<object>();

/** Subtests and hooks that a test makes by its context run in greenlets, too. */
function makeGreen(context: unknown): void {
  if (typeof context !== 'object' || context === null || greenContexts.has(context)) return;
  greenContexts.add(context);
  const methods = context as Record<string, AnyFunction | undefined>;
  for (const name of ['test', 'before', 'after', 'beforeEach', 'afterEach']) {
    const original = methods[name];
    if (original !== undefined) methods[name] = wrapped(dressLike(original.bind(context), original));
  }
}

function wrapped<F extends AnyFunction>(original: F): F {
  const green_ = dressLike(
    (...args: unknown[]) => (original as unknown as (...args: unknown[]) => unknown)(...green(args)),
    original,
  ) as unknown as F;
  // test.skip, test.todo, test.only; what runs nothing, such as test.mock, is seen through it.
  for (const name of ['skip', 'todo', 'only', 'expectFailure']) {
    const value = (original as unknown as Record<string, AnyFunction | undefined>)[name];
    if (value !== undefined) Object.assign(green_, { [name]: wrapped(value) });
  }
  return Object.setPrototypeOf(green_, original) as F;
}

/** As `test` of `node:test`; its function runs in a greenlet. */
export const test: typeof node.test = wrapped(node.test);
/** As `it` of `node:test`; its function runs in a greenlet. */
export const it: typeof node.it = wrapped(node.it);
/** As `before` of `node:test`, in a greenlet. */
export const before: typeof node.before = wrapped(node.before);
/** As `after` of `node:test`, in a greenlet. */
export const after: typeof node.after = wrapped(node.after);
/** As `beforeEach` of `node:test`, in a greenlet. */
export const beforeEach: typeof node.beforeEach = wrapped(node.beforeEach);
/** As `afterEach` of `node:test`, in a greenlet. */
export const afterEach: typeof node.afterEach = wrapped(node.afterEach);
Object.assign(test, { test, it, before, after, beforeEach, afterEach });
