/**
 * When the process has nothing left to do while the greenlet behind a `run()` is still blocked, nothing can ever wake
 * it: it is told so, and by whom everybody is stuck.
 */
import { LoopExit } from '../errors.ts';
import { describeInLine } from './describe.ts';
import type { Greenlet } from './greenlet.ts';
import { hub } from './hub.ts';
import { interrupt } from './park.ts';

const watched = new Set<Greenlet<never>>();

/** Raises LoopExit in `greenlet` if it is blocked for ever. */
export function watchForLoopExit(greenlet: Greenlet<never>): void {
  if (watched.size === 0) process.on('beforeExit', onIdle);
  watched.add(greenlet);
  greenlet.watch(() => {
    watched.delete(greenlet);
    if (watched.size === 0) process.off('beforeExit', onIdle);
  });
}

function onIdle(): void {
  if (watched.size === 0) return;
  const message = describeStuck();
  for (const greenlet of [...watched]) interrupt(greenlet, new LoopExit(message));
}

function describeStuck(): string {
  const blocked = hub.blocked();
  const lines = blocked.map((greenlet) => `  ${describeInLine(greenlet)}`);
  return `nothing is left that could wake anybody; ${blocked.length} blocked:\n${lines.join('\n')}`;
}
