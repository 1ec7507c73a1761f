import { setTimeout as pause } from 'node:timers/promises';
import { formatListing } from '../../observe/format-listing.ts';
import type { Listing } from '../../observe/listing.ts';
import { ask, readPid } from './ask.ts';

const EVERY = 1000;
/** Clears the screen, and goes to its beginning. */
const CLEAR = '\x1b[2J\x1b[H';
const ROWS_WITHOUT_SCREEN = 24;

/**
 * `greenlets top <pid>`: who has used most CPU since the last look, once a second until the process ends or Ctrl-C.
 * Without a terminal one look is printed, and that is all.
 */
export async function top(args: string[]): Promise<number> {
  const pid = readPid('top', args);
  let before = await look(pid);
  for (;;) {
    await pause(EVERY);
    const now = await look(pid);
    const lines = formatListing(busiest(before, now));
    if (!process.stdout.isTTY) {
      console.log(lines.join('\n'));
      return 0;
    }
    const { rows = ROWS_WITHOUT_SCREEN } = process.stdout;
    process.stdout.write(`${CLEAR}${lines.slice(0, rows - 1).join('\n')}\n`);
    before = now;
  }
}

async function look(pid: number): Promise<Listing> {
  return JSON.parse(await ask(pid, '/top')) as Listing;
}

/** `now` with the CPU time used since `before`, most first. */
function busiest(before: Listing, now: Listing): Listing {
  const key = ({ id, name }: { id: number; name: string }): string => `${id} ${name}`;
  const used = new Map(before.greenlets.map((greenlet) => [key(greenlet), greenlet.cpuTime]));
  const greenlets = now.greenlets
    .map((greenlet) => ({ ...greenlet, cpuTime: greenlet.cpuTime - (used.get(key(greenlet)) ?? 0) }))
    .sort((a, b) => b.cpuTime - a.cpuTime);
  return { ...now, greenlets };
}
