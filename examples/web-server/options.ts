/** The command line. */
import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  host: string;
  port: number;
  /** The URL of PostgreSQL; null uses SQLite. */
  postgres: string | null;
  /** The SQLite file. */
  sqlite: string;
  /** How long a request may take, in ms. */
  timeout: number;
}

/** Reads the arguments. Bad ones and `--help` end the process, as users expect. */
export function parseOptions(args: string[]): Options {
  const options = new Command('web-server')
    .description('A small REST service: accounts, and transfers between them.')
    .option('-p, --port <n>', 'where to listen; 0 takes a free port', whole(0, 65_535), 8080)
    .option('--host <address>', 'on which address', '127.0.0.1')
    .option('--sqlite <file>', 'the SQLite file, if there is no PostgreSQL; :memory: keeps nothing', ':memory:')
    .option('--timeout <ms>', 'how long a request may take', whole(1, 3_600_000), 5000)
    .addHelpText('after', '\nWith DATABASE_URL in the environment it uses that PostgreSQL.')
    .parse(args, { from: 'user' })
    .opts<Omit<Options, 'postgres'>>();
  return { ...options, postgres: process.env.DATABASE_URL ?? null };
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${min} to ${max}.`);
  };
}
