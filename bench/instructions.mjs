/**
 * Instructions that a switch, a spawn and a park take: unlike times they are the same on every run, so that a slower hot
 * path is seen even on a busy machine.
 *
 * `npm run bench:instructions -- [name filter] [--node path]` compares them with the record, `instructions.json`, and
 * exits with 1 beyond `--tolerance` (0.03 = 3 %); `-- --record` counts three times and puts the medians into it. What
 * another release of Node takes is only reported: the difference may be its own.
 * `--runs n`: count so often, and say how far the runs are apart; `--counter perf|cachegrind`.
 * Where nothing counts, the check is skipped and says why.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { caseNamed } from './lib/cases.mjs';
import { chooseCounter } from './lib/counters.mjs';
import { short } from './lib/measures.mjs';
import { median } from './lib/median.mjs';
import { command } from './lib/sides.mjs';

/**
 * The counted cases are those of the speed comparison. `bodies`: N, enough for V8 to have settled before it; the
 * difference between 2N and N runs of the body leaves start and warm-up out.
 */
const operations = {
  switch: { case: 'switch', bodies: 2, opsPerBody: 20_000 },
  spawn: { case: 'spawn-get', bodies: 25, opsPerBody: 2_000 },
  park: { case: 'sleep0-100', bodies: 1, opsPerBody: 50_000 },
};

/** V8 in one thread and without chance, its heap's sizes fixed: the same collections and the same code at the same moments. */
const repeatable = [
  ...['--single-threaded', '--predictable', '--hash-seed=1', '--random-seed=1'],
  ...['--max-semi-space-size=16', '--max-old-space-size=2048'],
  `--import=${new URL('lib/steady-clock.mjs', import.meta.url)}`,
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    counter: { type: 'string' },
    tolerance: { type: 'string', default: '0.03' },
    runs: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
});
const tolerance = Number(options.tolerance);
if (!(tolerance >= 0)) fail(`--tolerance must be a number from 0, not ${JSON.stringify(options.tolerance)}`);
const runs = Number(options.runs ?? (options.record ? 3 : 1));
if (!Number.isInteger(runs) || runs < 1)
  fail(`--runs must be a whole number above 0, not ${JSON.stringify(options.runs)}`);
const wanted = Object.keys(operations).filter((name) => name.includes(positionals[0] ?? ''));
if (wanted.length === 0) fail(`No operation is called so; there are: ${Object.keys(operations).join(', ')}`);

const recordPath = new URL('instructions.json', import.meta.url);
const record = existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, 'utf8')) : {};
/** How many processes count at once makes no difference to what they count. */
const oneOfFew = pLimit(os.availableParallelism());

const { counter, reason } = await chooseCounter(options.counter);
if (counter !== undefined) await main();
else if (options.record) fail(reason);
else console.log(`skipped: ${reason}`);

async function main() {
  const version = execFileSync(options.node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  const major = version.split('.', 1)[0];
  const known = record[counter.name]?.[major] ?? {};
  console.log(`Node ${version}, ${counter.name}; on record: ${known.node ? `Node ${known.node}` : 'nothing'}`);
  const counted = { node: version };
  const samples = await Promise.all(wanted.map((name) => count(operations[name])));
  for (const [i, name] of wanted.entries()) {
    counted[name] = Math.round(median(samples[i]));
    console.log(`${name}: ${counted[name]} instructions${spread(samples[i])}${verdict(known, counted, name)}`);
  }
  if (!options.record) return;
  record[counter.name] = { ...record[counter.name], [major]: { ...known, ...counted } };
  writeFileSync(recordPath, `${JSON.stringify(record, null, 2)}\n`);
}

/** The instructions of one operation, as often as asked for. */
async function count({ case: name, bodies, opsPerBody }) {
  const { file, args, env } = command(caseNamed(name), 'greenlets', options);
  const total = (n) =>
    oneOfFew(() => counter.count([file, ...repeatable, ...args], { ...env, BENCH_BODIES: String(n) }));
  return Promise.all(
    Array.from({ length: runs }, async () => {
      const [once, twice] = await Promise.all([total(bodies), total(2 * bodies)]);
      return (twice - once) / (bodies * opsPerBody);
    }),
  );
}

function spread(samples) {
  const [least, most] = [Math.min(...samples), Math.max(...samples)];
  return samples.length === 1 ? '' : ` (${samples.length} runs, ${short(((most - least) / least) * 100)} % apart)`;
}

/** An improvement beyond the tolerance fails the check, too: the record must follow, or it hides the next regression. */
function verdict(known, counted, name) {
  const before = known[name];
  if (before === undefined) {
    if (!options.record) process.exitCode = 1;
    return ', not on record yet';
  }
  const change = counted[name] / before - 1;
  const compared = `, on record ${before} (${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %)`;
  if (options.record || Math.abs(change) <= tolerance) return compared;
  if (known.node !== counted.node) return `${compared}: of another Node`;
  process.exitCode = 1;
  return `${compared}: ${change > 0 ? 'SLOWER' : 'faster, put it on record'}`;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
