/**
 * Instructions a switch, a spawn and a park take: unlike times they are the same on every run, so a
 * slower hot path is seen even on a busy machine.
 *
 * `node bench/instructions.mjs` records them in `instructions.json`, by counter and Node's major version;
 * `--check` compares with the record instead and exits with 1 beyond `--tolerance` (0.03 = 3 %).
 * `--node path`, `--counter perf|cachegrind`, and a name filter as in `run.mjs`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { caseNamed } from './lib/cases.mjs';
import { chooseCounter } from './lib/counters.mjs';
import { command } from './lib/sides.mjs';

/**
 * The counted cases are those of the speed comparison. `bodies`: N, enough for the JIT to have settled
 * before it; the difference between 2N and N runs of the body leaves start and warm-up out.
 */
const operations = {
  switch: { case: 'switch', bodies: 20, opsPerBody: 20_000 },
  spawn: { case: 'spawn-get', bodies: 20, opsPerBody: 2_000 },
  park: { case: 'sleep0-100', bodies: 5, opsPerBody: 50_000 },
};

/** V8 in one thread and without chance: the same collections and the same code at the same moments. */
const repeatable = ['--single-threaded', '--predictable', '--hash-seed=1', '--random-seed=1'];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    counter: { type: 'string' },
    tolerance: { type: 'string', default: '0.03' },
    check: { type: 'boolean', default: false },
  },
});
const tolerance = Number(options.tolerance);
if (!(tolerance >= 0))
  throw new RangeError(`--tolerance must be a number from 0, not ${JSON.stringify(options.tolerance)}`);

const recordPath = new URL('instructions.json', import.meta.url);
const record = existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, 'utf8')) : {};
const counter = chooseCounter(options.counter);
const major = execFileSync(options.node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }).trim();
const known = record[counter.name]?.[major] ?? {};
const counted = {};

for (const [name, operation] of Object.entries(operations)) {
  if (!name.includes(positionals[0] ?? '')) continue;
  counted[name] = perOperation(operation);
  const change = known[name] === undefined ? undefined : counted[name] / known[name] - 1;
  console.log(`Node ${major}, ${counter.name}: ${name} ${counted[name]} instructions${describe(known[name], change)}`);
  if (options.check && !(Math.abs(change) <= tolerance)) process.exitCode = 1;
}

if (!options.check) {
  record[counter.name] = { ...record[counter.name], [major]: { ...known, ...counted } };
  writeFileSync(recordPath, `${JSON.stringify(record, null, 2)}\n`);
}

function perOperation({ case: name, bodies, opsPerBody }) {
  const { file, args, env } = command(caseNamed(name), 'greenlets', options);
  const count = (n) => counter.count([file, ...repeatable, ...args], { ...env, BENCH_BODIES: String(n) });
  return Math.round((count(2 * bodies) - count(bodies)) / (bodies * opsPerBody));
}

/** An improvement beyond the tolerance fails the check, too: the record must follow, or it hides the next regression. */
function describe(before, change) {
  if (before === undefined) return ', not recorded yet';
  const verdict = Math.abs(change) <= tolerance ? '' : change > 0 ? ': SLOWER' : ': faster, record it';
  return `, recorded ${before} (${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %)${verdict}`;
}
