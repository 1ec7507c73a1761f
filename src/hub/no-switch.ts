import { engine } from '../engine/raw-greenlet.ts';
import { assertFunction } from './check.ts';

/**
 * Runs `fn` as one atomic stretch: a blocking call inside throws, so no other greenlet can run in between.
 *
 * @throws {BlockingSwitchOutError} at the blocking call.
 */
export function noSwitch<T>(fn: () => T): T {
  assertFunction(fn);
  return engine.forbidding('cannot block inside noSwitch(): this stretch is meant to be atomic', fn);
}
