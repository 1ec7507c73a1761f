import { assertMs } from './check.ts';
import { NEVER, park, yieldToOthers } from './park.ts';

/**
 * Suspends the current greenlet for `ms` milliseconds. With 0 every other ready greenlet runs first; timers and I/O
 * get their turns however often it is called.
 *
 * @throws {RangeError} if `ms` is negative or not a number.
 */
export function sleep(ms = 0): void {
  assertMs('a sleep', ms);
  if (ms === 0) yieldToOthers();
  else park(NEVER, ms);
}
