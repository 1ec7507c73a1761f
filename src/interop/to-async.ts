import { assertFunction } from '../hub/check.ts';
import { run } from '../hub/run.ts';
import { dressLike } from './to-sync.ts';

// biome-ignore lint/suspicious/noExplicitAny: nothing else takes every function and lets its context type the parameters
type AnyFunction = (this: any, ...args: any[]) => unknown;

/**
 * A function that gives a promise of what `F` gives.
 *
 * The second branch is never taken: by it the compiler knows `F` where the function is to be used, as a handler of that
 * framework, before it looks at the function's parameters.
 */
export type AsyncFunction<F extends AnyFunction> = F extends (this: infer This, ...args: infer A) => infer R
  ? (this: This, ...args: A) => Promise<Awaited<R>>
  : F;

/**
 * Makes a blocking function async: each call runs in a greenlet of its own. `this`, name and length are kept, so that
 * it can be a handler of express, fastify, koa or hono; then its parameters have the types that the framework gives them.
 * Where nothing says their types, and in `http.createServer()`, annotate them: they are `any` otherwise.
 *
 * @example
 * app.get('/', toAsync((req, res) => { res.send(render(db.query('…'))); }));
 */
export function toAsync<F extends AnyFunction>(fn: F): AsyncFunction<F> {
  assertFunction(fn);
  return dressLike(function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return run(() => fn.apply(this, args));
  }, fn) as AsyncFunction<F>;
}
