/**
 * Counts the user-space instructions of a process: with the processor's own counters (`perf`) where they work, else with
 * valgrind (cachegrind without its cache model: unlike callgrind it follows no call stack, so that switches of stacks
 * cannot confuse it). The two differ a little (valgrind offers programs an older processor, and counts every step of a
 * repeated instruction): records are kept apart by counter.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const counters = {
  perf: {
    command: ['perf', 'stat', '-x,', '-e', 'instructions:u', '--'],
    read: (stderr) => Number(/^(\d+),[^,]*,instructions:u/m.exec(stderr)?.[1]),
  },
  cachegrind: {
    command: ['valgrind', '--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null'],
    read: (stderr) => Number(/I\s+refs:\s+([\d,]+)/.exec(stderr)?.[1].replaceAll(',', '')),
  },
};

/**
 * The named counter, or without a name the first that works here.
 *
 * @returns `{counter: {name, count(args, env)}}`, or `{reason}` why there is none.
 */
export async function chooseCounter(name) {
  if (name !== undefined && !(name in counters)) {
    return { reason: `no counter is called ${JSON.stringify(name)}; there are: ${Object.keys(counters).join(', ')}` };
  }
  for (const candidate of name === undefined ? Object.keys(counters) : [name]) {
    const count = (args, env = {}) => run(counters[candidate], args, env);
    try {
      await count(['/bin/true']);
      return { counter: { name: candidate, count } };
    } catch {}
  }
  return { reason: 'neither the counters of perf nor valgrind work here (apt install valgrind)' };
}

async function run({ command, read }, args, env) {
  const [file, ...rest] = [...command, ...args];
  const { stderr } = await promisify(execFile)(file, rest, { env: { ...process.env, ...env } });
  const instructions = read(stderr);
  if (!(instructions > 0)) throw new Error(`${file} counted nothing:\n${stderr.trim()}`);
  return instructions;
}
