import { checkTimeout, NEVER, park, yieldToOthers } from './park.ts';

/**
 * Suspends the current greenlet for `ms` milliseconds. With 0 every other ready greenlet runs first; timers and I/O
 * get their turns however often it is called.
 *
 * @throws {RangeError} if `ms` is negative or not a number.
 */
export function sleep(ms = 0): void {
  if (typeof ms !== 'number') throw new TypeError(`expected a number of ms, got ${String(ms)}`);
  checkTimeout(ms);
  if (ms === 0) yieldToOthers();
  else park(NEVER, ms);
}
