/** The command line. */
import { Command, InvalidArgumentError } from 'commander';
import { LARGEST_ARENA } from './shared/codec.ts';
import { VIEW } from './shared/rules.ts';

export interface Options {
  host: string;
  port: number;
  bots: number;
  /** Length of a side of the arena, in units. */
  size: number;
}

/** Square units of the arena for each bot, unless a size is given. */
const ROOM = 500 ** 2;

/** Reads the arguments. Bad ones and `--help` end the process, as users expect. */
export function parseOptions(args: string[]): Options {
  const command = new Command('game')
    .description('An arena for many players in the browser, and for bots. Open the page that it names.')
    .option('-p, --port <n>', 'where to listen; 0 takes any free port', whole(0, 65_535), 8080)
    .option('--host <name>', 'the address to listen on; 0.0.0.0 lets others join', '127.0.0.1')
    .option('-b, --bots <n>', 'how many bots fly around', whole(0, 2000), 30)
    .option(
      '-s, --size <n>',
      'length of a side of the arena (default: by the number of bots)',
      whole(VIEW.width, LARGEST_ARENA),
    )
    .addHelpText('after', '\nCtrl-C ends it.')
    .parse(args, { from: 'user' });
  const options = command.opts<Omit<Options, 'size'> & { size?: number }>();
  return { size: sizeFor(options.bots), ...options };
}

/** How large an arena is right for so many bots. */
export function sizeFor(bots: number): number {
  return Math.round(Math.min(LARGEST_ARENA, Math.max(1.5 * VIEW.width, Math.sqrt(bots * ROOM))));
}

/** Takes whole numbers in that range. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It is not a whole number from ${least} to ${most}.`);
  };
}
