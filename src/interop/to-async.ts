import { assertFunction } from '../hub/check.ts';
import { run } from '../hub/run.ts';
import { dressLike } from './to-sync.ts';

/**
 * Makes a blocking function async: each call runs in a greenlet of its own. `this`, name and length are kept, so that
 * it can be a handler of express, fastify, koa or hono.
 *
 * @example
 * app.get('/', toAsync((req, res) => { res.send(render(db.query('…'))); }));
 */
export function toAsync<A extends unknown[], R, This = unknown>(
  fn: (this: This, ...args: A) => R,
): (this: This, ...args: A) => Promise<Awaited<R>> {
  assertFunction(fn);
  return dressLike(function (this: This, ...args: A): Promise<Awaited<R>> {
    return run(() => fn.apply(this, args));
  }, fn as never);
}
