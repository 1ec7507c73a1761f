import { inspect } from '../builtins.ts';
import { engine, RawGreenlet } from '../engine/raw-greenlet.ts';
import { assertFunction } from './check.ts';
import { Greenlet } from './greenlet.ts';
import type { SpawnOptions } from './greenlet-options.ts';
import { hub } from './hub.ts';

/** A greenlet not started yet, from the arguments of `spawn`. */
export function makeGreenlet<G extends Greenlet<never> = Greenlet<never>>(
  first: unknown,
  rest: unknown[],
  Kind: new (fn: () => never, ...args: unknown[]) => G = Greenlet as never,
): G {
  if (typeof first === 'function') return new Kind(first as () => never, ...rest);
  if (typeof first !== 'object' || first === null) {
    throw new TypeError(`expected a function, or options and a function, got ${inspect(first)}`);
  }
  const [fn, ...args] = rest;
  const greenlet = new Kind(fn as () => never, ...args);
  greenlet.configure(first as SpawnOptions);
  return greenlet;
}

/**
 * Starts `fn` in a greenlet of its own, at the next turn of the hub, first in first out; never inline. A function that
 * returns a promise is accepted: the greenlet ends when it settles.
 *
 * @throws {TypeError} if `fn` is no function.
 * @example
 * const pages = urls.map((url) => spawn(download, url)).map((greenlet) => greenlet.get());
 */
export function spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>>;
export function spawn<A extends unknown[], R>(
  options: SpawnOptions,
  fn: (...args: A) => R,
  ...args: A
): Greenlet<Awaited<R>>;
export function spawn(first: unknown, ...rest: unknown[]): Greenlet<never> {
  const greenlet = makeGreenlet(first, rest);
  greenlet.start();
  return greenlet;
}

/** As `spawn`, in `ms` milliseconds. Killed before, it never runs. */
export function spawnLater<A extends unknown[], R>(ms: number, fn: (...args: A) => R, ...args: A): Greenlet<Awaited<R>>;
export function spawnLater<A extends unknown[], R>(
  ms: number,
  options: SpawnOptions,
  fn: (...args: A) => R,
  ...args: A
): Greenlet<Awaited<R>>;
export function spawnLater(ms: number, first: unknown, ...rest: unknown[]): Greenlet<never> {
  const greenlet = makeGreenlet(first, rest);
  greenlet.startLater(ms);
  return greenlet;
}

/** The cheapest way to run something concurrently: no result, no links. Its errors go to the hub. */
export function spawnRaw<A extends unknown[]>(fn: (...args: A) => unknown, ...args: A): RawGreenlet {
  assertFunction(fn);
  const greenlet = new RawGreenlet(
    args.length === 0 ? (fn as () => unknown) : () => fn(...args),
    engine.main as RawGreenlet,
  );
  hub.spawned++;
  hub.makeReady(greenlet);
  return greenlet;
}
