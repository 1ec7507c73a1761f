import { Interrupted } from '../errors.ts';
import type { Greenlet } from '../hub/greenlet.ts';

/** After the first signal the program has so long to end, in ms. */
const GRACE = 10_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The first SIGINT or SIGTERM raises Interrupted in the program, at every blocking call until it has ended; the process
 * exits with 130 or 143 then. A second signal, or the end of the grace, ends it at once, as does one that comes after
 * the program's end. A program that listens for a signal itself is left alone with it.
 */
export function endOnSignals(program: Greenlet<unknown>): void {
  let interrupted = false;
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return;
      if (interrupted || program.dead) process.exit(code);
      interrupted = true;
      setTimeout(() => process.exit(code), GRACE).unref();
      program.rawLink(() => process.exit(process.exitCode ?? code));
      program.kill(new Interrupted(signal), { block: false, persistent: true });
    });
  }
}
