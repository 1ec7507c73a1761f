import { engine } from '../engine/raw-greenlet.ts';
import { run } from '../hub/run.ts';

/**
 * Runs `fn` where it can block: right here in a greenlet; on the main stack in a new one, and a promise is returned.
 *
 * @param after called when `fn` has ended in any way.
 */
export function runAnywhere<T>(fn: () => T, after: () => void = nothing): T | Promise<Awaited<T>> {
  if (engine.current === engine.main) return run(fn).finally(after);
  try {
    return fn();
  } finally {
    after();
  }
}

function nothing(): void {}
