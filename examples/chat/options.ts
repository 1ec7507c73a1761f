/** The command line. */
import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  host: string;
  port: number;
  /** The SQLite file; ':memory:' keeps nothing. */
  history: string;
  /** The URL of Redis; null without. */
  redis: string | null;
}

/** Reads the arguments. Bad ones and `--help` end the process, as users expect. */
export function parseOptions(args: string[]): Options {
  const options = new Command('chat')
    .description('A chat for the browser: rooms, private messages, who is there, who is typing.')
    .option('-p, --port <n>', 'where to listen; 0 takes a free port', port, 8080)
    .option('--host <address>', 'on which address', '127.0.0.1')
    .option('--history <file>', 'the SQLite file for what is said; :memory: forgets it', 'chat.db')
    .addHelpText('after', '\nWith REDIS_URL in the environment, all processes that share that Redis are one chat.')
    .parse(args, { from: 'user' })
    .opts<Omit<Options, 'redis'>>();
  return { ...options, redis: process.env.REDIS_URL ?? null };
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError('It is not a port.');
  return value;
}
