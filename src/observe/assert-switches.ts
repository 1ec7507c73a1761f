import { AssertionError } from 'node:assert';
import { performance } from 'node:perf_hooks';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { assertFunction, assertMs, assertOptions } from '../hub/check.ts';
import { duration, nameOf } from '../hub/describe.ts';

/** See `assertSwitches`. */
export interface AssertSwitchesOptions {
  /** The longest that anybody may run without a switch, in ms; by default only some switch is asked for. */
  maxBlocking?: number;
}

/** Milliseconds of this thread's life less those in which its event loop has waited for events. */
function busyTime(): number {
  return performance.now() - performance.eventLoopUtilization().idle;
}

/** Watches how long each stretch between two switches takes. */
class Stopwatch {
  switches = 0;
  longest = 0;
  culprit = '';
  #since = busyTime();

  switched(origin: unknown): void {
    this.switches++;
    this.lap(origin as RawGreenlet);
  }
  lap(runner: RawGreenlet): void {
    const now = busyTime();
    const took = now - this.#since;
    this.#since = now;
    if (took <= this.longest) return;
    this.longest = took;
    this.culprit = nameOf(runner);
  }
}

/**
 * Runs `fn`, and fails if it has not let others run: if no switch has happened meanwhile, or if one greenlet, or the
 * event loop between two greenlets, has run for longer than `maxBlocking` ms on end. Errors of `fn` pass through.
 *
 * @returns what `fn` returns.
 * @throws {AssertionError} that names who has run for too long; {TypeError|RangeError} for bad arguments.
 * @example
 * assertSwitches(() => parser.parse(text), { maxBlocking: 250 });
 */
export function assertSwitches<T>(fn: () => T, options: AssertSwitchesOptions = {}): T {
  assertFunction(fn);
  assertOptions(options);
  const { maxBlocking } = options;
  if (maxBlocking !== undefined) assertMs('maxBlocking', maxBlocking);
  const stopwatch = new Stopwatch();
  engine.observe(stopwatch);
  let result: T;
  try {
    result = fn();
    stopwatch.lap(engine.current as RawGreenlet);
  } finally {
    engine.unobserve(stopwatch);
  }
  if (stopwatch.switches === 0) fail('nobody else could run: the function has not blocked', 0, 'a switch');
  if (maxBlocking !== undefined && stopwatch.longest > maxBlocking) {
    const message = `${stopwatch.culprit} has run for ${duration(stopwatch.longest)} on end, ${maxBlocking} ms are allowed`;
    fail(message, stopwatch.longest, maxBlocking);
  }
  return result;
}

function fail(message: string, actual: unknown, expected: unknown): never {
  throw new AssertionError({ message, actual, expected, operator: 'assertSwitches', stackStartFn: assertSwitches });
}
