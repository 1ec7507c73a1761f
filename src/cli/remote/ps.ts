import { formatListing } from '../../observe/format-listing.ts';
import { ask, readPid } from './ask.ts';

/** `greenlets ps <pid>`: the greenlets of a process, a line each. */
export async function ps(args: string[]): Promise<number> {
  const listing = JSON.parse(await ask(readPid('ps', args), '/ps'));
  console.log(formatListing(listing).join('\n'));
  return 0;
}
