import type { SpawnOptions } from './greenlet-options.ts';
import { RootGreenlet } from './root-greenlet.ts';
import { makeGreenlet } from './spawn.ts';

/**
 * Enters the green world from ordinary code: runs `fn` in a greenlet and gives a promise of its outcome.
 *
 * @example
 * await run(() => { sleep(10); return 'done'; });
 */
export function run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
export function run<A extends unknown[], R>(
  options: SpawnOptions,
  fn: (...args: A) => R,
  ...args: A
): Promise<Awaited<R>>;
export function run(first: unknown, ...rest: unknown[]): Promise<never> {
  const greenlet = makeGreenlet(first, rest, RootGreenlet);
  const promise = greenlet.promised();
  greenlet.start();
  return promise;
}
