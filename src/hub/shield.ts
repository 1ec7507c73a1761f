import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { assertFunction } from './check.ts';

/**
 * Runs `fn` to its end even if a kill or a timeout arrives meanwhile; that is raised at the next blocking call after it.
 * A `Timeout` started inside works as ever.
 */
export function shield<T>(fn: () => T): T {
  assertFunction(fn);
  const greenlet = engine.current as RawGreenlet;
  const kept = greenlet.pending;
  greenlet.pending = null;
  greenlet.shielded++;
  try {
    return fn();
  } finally {
    greenlet.shielded--;
    const arrived = greenlet.shielded === 0 ? greenlet.withheld : null;
    if (arrived !== null) greenlet.withheld = null;
    const inside = greenlet.pending as unknown[] | null;
    const all = [...(kept ?? []), ...(inside ?? []), ...(arrived ?? [])];
    greenlet.pending = all.length === 0 ? null : all;
  }
}
