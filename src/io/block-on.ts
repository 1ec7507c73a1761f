import { assertCanBlock, type TimeoutLike } from '../hub/park.ts';
import { wait } from '../interop/wait.ts';

/**
 * Starts an operation and waits for its promise. Where nothing can wait, or with an error pending, it is not started.
 *
 * @param start gets a signal that aborts when the wait is cut short.
 */
export function blockOn<T>(start: (signal: AbortSignal) => PromiseLike<T>, timeout?: TimeoutLike): T {
  assertCanBlock();
  return wait(start, timeout);
}

/** As `blockOn`, for a resource: one that comes after the wait was cut short is given to `discard`. */
export function blockOnResource<T>(start: () => Promise<T>, discard: (late: T) => unknown): T {
  let arriving: Promise<T> | undefined;
  try {
    return blockOn(() => (arriving = start()));
  } catch (error) {
    arriving?.then(discard).catch(() => {});
    throw error;
  }
}
