import { ask, readPid } from './ask.ts';
import { formatListing } from './table.ts';

/** `greenlets ps <pid>`: the greenlets of a process, a line each. */
export async function ps(args: string[]): Promise<number> {
  const listing = JSON.parse(await ask(readPid('ps', args), '/ps'));
  console.log(formatListing(listing).join('\n'));
  return 0;
}
