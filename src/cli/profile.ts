/** `greenlets --cpu-prof app.ts`: a CPU profile of the program, with the options and the file of `node --cpu-prof`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { UsageError } from './usage.ts';

type Options = Partial<Record<string, string>>;
const WITH_VALUE = ['--cpu-prof-dir', '--cpu-prof-name', '--cpu-prof-interval'];

/**
 * Begins a profile that is written when the process exits.
 *
 * @param args options for it, and what follows.
 * @returns what follows.
 * @throws {UsageError} if one of them is unknown or has no value.
 */
export function profile(args: string[]): string[] {
  const rest = [...args];
  const options: Options = {};
  while (rest[0]?.startsWith('--cpu-prof')) {
    const [name, value] = (rest.shift() as string).split(/=(.*)/s) as [string, string | undefined];
    if (name === '--cpu-prof') continue;
    if (!WITH_VALUE.includes(name)) throw new UsageError(`greenlets: unknown option ${name}`);
    options[name] = value ?? rest.shift();
    if (!options[name]) throw new UsageError(`greenlets: ${name} needs a value`);
  }
  // The engine looks there; and so child processes by fork() are profiled, too.
  process.execArgv.push('--cpu-prof', ...Object.entries(options).map((option) => option.join('=')));
  begin(options);
  return rest;
}

function begin(options: Options): void {
  const interval = Number(options['--cpu-prof-interval'] ?? 1000);
  if (!(interval > 0)) throw new UsageError(`greenlets: --cpu-prof-interval must be a number of µs above 0`);
  const path = resolve(options['--cpu-prof-dir'] ?? '', options['--cpu-prof-name'] ?? fileName(new Date()));
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval });
  session.post('Profiler.start');
  process.on('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error === null) write(path, result.profile);
      else console.error(error);
    });
  });
}

function write(path: string, taken: Profiler.Profile): void {
  countHits(taken);
  mkdirSync(resolve(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(taken));
}

/** V8 leaves those out that were sampled in an interrupt, as greenlets are. */
function countHits({ nodes, samples = [] }: Profiler.Profile): void {
  const hits = new Map<number, number>();
  for (const id of samples) hits.set(id, (hits.get(id) ?? 0) + 1);
  for (const node of nodes) node.hitCount = hits.get(node.id) ?? 0;
}

/** As Node names them: `CPU.20261125.093000.4711.0.001.cpuprofile`. */
function fileName(now: Date): string {
  const digits = (...numbers: number[]): string => numbers.map((number) => String(number).padStart(2, '0')).join('');
  const date = digits(now.getFullYear(), now.getMonth() + 1, now.getDate());
  const time = digits(now.getHours(), now.getMinutes(), now.getSeconds());
  return `CPU.${date}.${time}.${process.pid}.${threadId}.001.cpuprofile`;
}
