/**
 * The speed comparison: `npm run bench -- [name filter] [--node path]… [--rounds n] [--docs] [--check]`.
 *
 * The same work, written for greenlets and for each rival, every program in a process of its own, sides alternating in
 * rounds. Ratios are what counts: absolute figures of a busy machine mean little.
 *
 * `--node path` (again for several), `--rounds n`, `--ms n` measuring time a program, `--sides a,b` fewer rivals,
 * `--json file` results, `--docs` puts them into docs/benchmarks.{md,svg,json}, `--page` writes these again from what
 * they hold, without measuring. `--check`: exit code 1 for a missed goal.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { cases, findCases } from './lib/cases.mjs';
import { compare, roundsOf } from './lib/compare.mjs';
import { goalTable } from './lib/goal-table.mjs';
import { goals, isGated, judge } from './lib/goals.mjs';
import { machine, rivalVersions } from './lib/host.mjs';
import { writePage } from './lib/page.mjs';
import { progressBar } from './lib/progress.mjs';
import { mergeIntoRecord, readRecord } from './lib/record.mjs';
import { buildGoroutines, program, sideFiles, whyAbsent, whyImpossible } from './lib/sides.mjs';
import { ratioTable } from './lib/table.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true, default: [process.execPath] },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '150' },
    sides: { type: 'string', default: Object.keys(sideFiles).join() },
    json: { type: 'string' },
    docs: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

if (options.page) writePage(readRecord());
else await main();

async function main() {
  const rounds = positive('rounds');
  const ms = positive('ms');
  const sides = chooseSides();
  const played = chooseCases().map((one) => ({ one, sides: sides.filter((side) => program(one, side) !== undefined) }));
  const goroutines = sides.includes('goroutines') ? buildGoroutines() : undefined;
  const about = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    rivals: rivalVersions(),
    rounds,
    ms,
  };
  const runs = [];
  let failed = false;
  try {
    for (const node of options.node) {
      const { version, rows, failures } = await play(played, { node, rounds, ms, goroutines });
      const run = { major: Number.parseInt(version, 10), node: version, ...about, rows };
      runs.push(run);
      failed ||= failures.length > 0;
      for (const failure of failures) console.error(failure);
      console.log(`Node ${version}, median of ${rounds} rounds\n\n${ratioTable(rows)}\n`);
      console.log(`${goalTable([run])}\n`);
    }
  } finally {
    goroutines?.dispose();
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(runs, null, 2)}\n`);
  if (options.docs) writePage(mergeIntoRecord(runs));
  if (failed || (options.check && runs.some((run) => misses(run, played)))) process.exitCode = 1;
}

/** All cases on one Node. */
async function play(played, { node: command, rounds, ...settings }) {
  const identify = 'JSON.stringify({ version: process.versions.node, node: process.execPath })';
  const { version, node } = JSON.parse(execFileSync(command, ['-p', identify], { encoding: 'utf8' }));
  const programs = played.flatMap(({ one, sides }) => Object.values(roundsOf(one, sides, rounds)));
  const bar = progressBar(programs.reduce((sum, turns) => sum + turns, 0));
  const rows = [];
  const failures = [];
  try {
    for (const { one, sides } of played) {
      bar.show(`Node ${version}: ${one.name}`);
      const result = await compare(one, sides, { node, rounds, ...settings, played: bar.step });
      rows.push(...result.rows);
      for (const [side, message] of Object.entries(result.failures)) failures.push(`${one.name}, ${side}: ${message}`);
    }
  } finally {
    bar.stop();
  }
  return { version, rows, failures };
}

function misses({ major, rows }, played) {
  const names = played.map(({ one }) => one.name);
  return isGated(major) && goals.some((goal) => names.includes(goal.name) && !judge(goal, rows, major).met);
}

function chooseCases() {
  const [filter] = positionals;
  const found = findCases(filter);
  const names = cases.map(({ name }) => name);
  if (found.length === 0) fail(`No case contains ${JSON.stringify(filter)}; there are: ${names.join(', ')}`);
  return found.filter((one) => takesPart(one.name, whyImpossible(one)));
}

function chooseSides() {
  const names = Object.keys(sideFiles);
  const chosen = options.sides.split(',');
  const unknown = chosen.find((side) => !names.includes(side));
  if (unknown !== undefined) fail(`No side is called ${JSON.stringify(unknown)}; there are: ${names.join(', ')}`);
  return names.filter((side) => chosen.includes(side) && takesPart(side, whyAbsent(side)));
}

/** A goal against somebody who is not there would pass unseen. */
function takesPart(name, reason) {
  if (reason === undefined) return true;
  if (options.check) fail(`--check needs ${name}: ${reason}`);
  console.error(`${name} takes no part: ${reason}`);
  return false;
}

function positive(option) {
  const value = Number(options[option]);
  if (!Number.isInteger(value) || value < 1)
    fail(`--${option} must be a whole number above 0, not ${JSON.stringify(options[option])}`);
  return value;
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
