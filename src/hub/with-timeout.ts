import { GreenletExit } from '../errors.ts';
import { assertFunction, assertOptions } from './check.ts';
import { Timeout } from './timeout.ts';

/**
 * Runs `fn`; when it takes longer than `ms` milliseconds, a `Timeout` is raised at its blocking call.
 *
 * @param options with `value`, that is returned when this timeout fired; others pass through.
 */
export function withTimeout<T>(ms: number | null, fn: () => T, options: { value?: T } = {}): T {
  assertFunction(fn);
  assertOptions(options);
  const timeout = Timeout.start(ms);
  try {
    return fn();
  } catch (error) {
    if (error === timeout && 'value' in options) return options.value as T;
    throw error;
  } finally {
    timeout.cancel();
  }
}

/** True for what a `catch` block should let pass: a GreenletExit, or a Timeout. */
export function isCancel(error: unknown): boolean {
  return error instanceof GreenletExit || error instanceof Timeout;
}
