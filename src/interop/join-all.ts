import { inspect } from '../builtins.ts';
import { engine, RawGreenlet, toError } from '../engine/raw-greenlet.ts';
import { GreenletExit } from '../errors.ts';
import { assertIterable, assertOptions } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import type { KillOptions } from '../hub/greenlet-options.ts';
import { assertCanBlock, checkTimeout, enter, interrupt } from '../hub/park.ts';
import { sleep } from '../hub/sleep.ts';
import { iwait, type ReadyOptions } from './ready.ts';

/** As for `waitReady`, and whether to raise. */
export interface JoinOptions extends ReadyOptions {
  /** Raise the first failure as soon as it happens (the default). A kill is no failure. */
  raiseError?: boolean;
}

/**
 * Waits for greenlets to end.
 *
 * @returns the ended ones, in the order in which they ended.
 * @throws the first failure, at once, unless `raiseError` is false.
 */
export function joinAll<G extends Greenlet>(greenlets: Iterable<G>, options: JoinOptions = {}): G[] {
  assertOptions(options);
  const { raiseError = true } = options;
  const ended: G[] = [];
  for (const greenlet of iwait(allOf(Greenlet, greenlets) as G[], options)) {
    if (raiseError && !greenlet.successful && !greenlet.killed) throw greenlet.exception;
    ended.push(greenlet);
  }
  return ended;
}

/**
 * Kills greenlets, all before waiting for any. On the main stack nothing is waited for.
 *
 * @returns true if all have ended.
 */
export function killAll(
  greenlets: Iterable<Greenlet | RawGreenlet>,
  error: unknown = new GreenletExit(),
  options: KillOptions = {},
): boolean {
  assertOptions(options);
  const { block = true, timeout } = options;
  const thrown = toError(error);
  const all = allOf(RawGreenlet, greenlets);
  const waits = block && engine.current !== engine.main;
  if (waits) enter(timeout);
  else checkTimeout(timeout);
  if (waits && all.some((greenlet) => !greenlet.dead)) assertCanBlock();
  let self: (Greenlet | RawGreenlet) | undefined;
  for (const greenlet of all) {
    if (greenlet === engine.current) self = greenlet;
    else if (greenlet instanceof Greenlet) greenlet.kill(thrown, { ...options, block: false });
    else killRaw(greenlet, thrown);
  }
  if (self instanceof Greenlet) self.kill(thrown, { ...options, block: false });
  else if (self !== undefined) throw thrown;
  if (waits) {
    const hubs = all.filter((greenlet) => greenlet instanceof Greenlet);
    joinAll(hubs, { raiseError: false, timeout: timeout ?? null });
    if (hubs.length < all.length) sleep(0); // raw ones have no end to wait for; each has had its turn after this
  }
  return all.every((greenlet) => greenlet.dead);
}

/** @throws {TypeError} showing the first that is none of them. */
function allOf<G extends RawGreenlet>(Kind: abstract new (...args: never[]) => G, greenlets: Iterable<G>): G[] {
  assertIterable(greenlets);
  const all = [...greenlets];
  for (const greenlet of all) {
    if (!(greenlet instanceof Kind)) throw new TypeError(`expected a greenlet, got ${inspect(greenlet)}`);
  }
  return all;
}

function killRaw(greenlet: RawGreenlet, error: Error): void {
  if (greenlet.dead) return;
  if (greenlet.begun) interrupt(greenlet, error);
  else greenlet.finished = true;
}
