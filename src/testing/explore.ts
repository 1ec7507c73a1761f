import { inspect } from '../builtins.ts';
import { brandError, GreenletError, GreenletExit, LoopExit } from '../errors.ts';
import { assertCount, assertFunction, assertIterable, assertOptions } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { hub } from '../hub/hub.ts';
import { interrupt } from '../hub/park.ts';
import { makeGreenlet } from '../hub/spawn.ts';
import { DeterministicScheduler } from './deterministic-scheduler.ts';
import { type IdleWaiter, stopWaitingForIdle, whenIdle } from './idle.ts';
import { assertSeed } from './random.ts';
import { runAnywhere } from './run-anywhere.ts';
import { addSwitchPoints } from './switch-points.ts';
import { waitUntilAllBlocked } from './wait-until-all-blocked.ts';

/** See `explore`. */
export interface ExploreOptions {
  /** How many interleavings to try; 100 by default. */
  schedules?: number;
  /** Seed of the first; each further one has the next integer. 1 by default. */
  seed?: number;
  /** Objects whose every property access and method call is a point where another greenlet may run. */
  preemptAt?: Iterable<object>;
}

/** What `explore` has found: nothing. */
export interface Exploration {
  schedules: number;
  seed: number;
}

/** Milliseconds for which nothing must have happened before a schedule counts as stuck. */
const STUCK_AFTER = 50;
const MOST_STEPS_SHOWN = 60;

/** An interleaving in which the explored function failed; `cause` is what it failed with. */
export class InterleavingError extends GreenletError {
  /** Replays it: `explore(fn, { schedules: 1, seed })`. */
  readonly seed: number;

  constructor(seed: number, schedule: number, schedules: number, history: readonly string[], cause: unknown) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : inspect(cause);
    const steps = history.slice(-MOST_STEPS_SHOWN).join(' ');
    super(
      `interleaving ${schedule} of ${schedules} fails: ${reason}\n` +
        `replay it with explore(fn, { schedules: 1, seed: ${seed} })\n` +
        `who ran, in order: ${history.length > MOST_STEPS_SHOWN ? '… ' : ''}${steps}`,
      'ERR_GREENLETS_INTERLEAVING',
      { cause },
    );
    this.seed = seed;
  }
}
brandError(InterleavingError, 'InterleavingError');

/**
 * Runs `fn` under many interleavings of its greenlets, each drawn from a seed of its own, in virtual time. An
 * interleaving fails if `fn` throws, if a greenlet of it fails unobserved, or if all are stuck for ever. What `fn` leaves
 * running is killed. State must be set up by `fn` itself: it runs many times.
 *
 * @returns what was explored; on the main stack, where nothing can block, a promise of it.
 * @throws {InterleavingError} at the first that fails, with the seed that replays it; {TypeError|RangeError} for bad
 * arguments.
 * @example
 * explore(() => {
 *   const account = new Account(100);
 *   joinAll([spawn(() => account.deposit(10)), spawn(() => account.deposit(20))]);
 *   assert.equal(account.balance, 130);
 * }, { schedules: 500 });
 */
export function explore(fn: () => unknown, options: ExploreOptions = {}): Exploration | Promise<Exploration> {
  assertFunction(fn);
  assertOptions(options);
  const { schedules = 100, seed = 1, preemptAt = [] } = options;
  assertCount('schedules', schedules, 1);
  assertSeed(seed);
  assertSeed(seed + schedules - 1);
  assertIterable(preemptAt);
  const objects = [...preemptAt];
  for (const object of objects) {
    if (object !== Object(object)) throw new TypeError(`preemptAt takes objects, got ${inspect(object)}`);
  }
  return runAnywhere(() => {
    for (let i = 0; i < schedules; i++) runSchedule(fn, seed + i, i + 1, schedules, objects);
    return { schedules, seed };
  });
}

function runSchedule(fn: () => unknown, seed: number, schedule: number, schedules: number, objects: object[]): void {
  using scheduler = new DeterministicScheduler(seed);
  const failures: unknown[] = [];
  const onUnobserved = (_: unknown, error: unknown): number => failures.push(error);
  const root: Greenlet<unknown> = makeGreenlet({ name: 'explored' }, [fn]);
  const stuck = watchForDeadlock(root);
  const removeSwitchPoints = addSwitchPoints(objects, () => scheduler.flip());
  hub.on('error', onUnobserved);
  let history: readonly string[];
  try {
    root.start();
    root.join();
    history = [...scheduler.history];
    if (!root.successful) failures.unshift(root.exception);
    waitUntilAllBlocked(); // unobserved failures are reported by now
  } finally {
    stopWaitingForIdle(stuck);
    removeSwitchPoints();
    killFamily(root);
    hub.off('error', onUnobserved);
  }
  if (failures.length > 0) throw new InterleavingError(seed, schedule, schedules, history, failures[0]);
}

/** Raises LoopExit in `root` when nothing goes on any more and no timer is pending. */
function watchForDeadlock(root: Greenlet<unknown>): IdleWaiter {
  const onIdle = (): void => {
    if (!root.ready)
      interrupt(root, new LoopExit('every greenlet is blocked, and nothing is left that could wake one'));
  };
  const waiter = { rank: 2, quiet: STUCK_AFTER, onIdle };
  whenIdle(waiter);
  return waiter;
}

function killFamily(root: Greenlet<unknown>): void {
  const family = [...hub.living()].filter((greenlet) => greenlet instanceof Greenlet && descendsFrom(greenlet, root));
  for (const greenlet of family as Greenlet[]) greenlet.kill(new GreenletExit(), { block: false, persistent: true });
  for (const greenlet of family as Greenlet[]) greenlet.join();
}

function descendsFrom(greenlet: Greenlet, root: Greenlet<unknown>): boolean {
  let ancestor: unknown = greenlet;
  while (ancestor instanceof Greenlet && ancestor !== root) ancestor = ancestor.spawner;
  return ancestor === root;
}
