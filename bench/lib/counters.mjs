/**
 * Counts the user-space instructions of a process: with the processor's own counters (`perf`) where
 * they work, else with valgrind (cachegrind without its cache model: unlike callgrind it follows no
 * call stack, so switches of stacks cannot confuse it). The two differ a little (valgrind offers
 * programs an older processor): records are kept apart by counter.
 */
import { spawnSync } from 'node:child_process';

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

/** The named counter, or without a name the first that works here: `{name, count(args, env)}`. */
export function chooseCounter(name) {
  if (name !== undefined && !(name in counters)) {
    throw new RangeError(
      `No counter is called ${JSON.stringify(name)}; there are: ${Object.keys(counters).join(', ')}`,
    );
  }
  for (const candidate of name === undefined ? Object.keys(counters) : [name]) {
    const count = (args, env = {}) => run(counters[candidate], args, env);
    try {
      count([process.execPath, '--version']);
      return { name: candidate, count };
    } catch {}
  }
  throw new Error('Neither perf counters nor valgrind work here (apt install valgrind)');
}

function run({ command, read }, args, env) {
  const [file, ...rest] = [...command, ...args];
  const child = spawnSync(file, rest, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (child.error) throw child.error;
  if (child.status !== 0)
    throw new Error(`${file} ${rest.join(' ')} ended with ${child.signal ?? child.status}\n${child.stderr.trim()}`);
  const instructions = read(child.stderr);
  if (!(instructions > 0)) throw new Error(`${file} counted nothing:\n${child.stderr.trim()}`);
  return instructions;
}
