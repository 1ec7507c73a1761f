/**
 * The speed comparison: `npm run bench -- [name filter] [--node path] [--rounds n] [--json file]`.
 *
 * The same work, written for greenlets and for each rival, every program in a process of its own, sides
 * alternating in rounds. Ratios are what counts: absolute figures of a busy machine mean little.
 * `--ms n` measuring time a program, `--sides a,b` fewer rivals, `--check` exit code 1 for a missed goal.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { compare } from './lib/compare.mjs';
import { isGated, judge } from './lib/goals.mjs';
import { buildGoroutines, caseNames, program, sideFiles, whyAbsent } from './lib/sides.mjs';
import { table } from './lib/table.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '500' },
    sides: { type: 'string', default: Object.keys(sideFiles).join() },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const rounds = positive('rounds');
const ms = positive('ms');

const names = caseNames(positionals[0]);
if (names.length === 0)
  fail(`No case contains ${JSON.stringify(positionals[0])}; there are: ${caseNames().join(', ')}`);

const sides = options.sides.split(',').filter((side) => {
  if (!(side in sideFiles))
    fail(`No side is called ${JSON.stringify(side)}; there are: ${Object.keys(sideFiles).join(', ')}`);
  const reason = whyAbsent(side);
  if (reason !== undefined) {
    // A goal against somebody who is not there would pass unseen.
    if (options.check) fail(`--check needs ${side}: ${reason}`);
    console.error(`${side} takes no part: ${reason}`);
  }
  return reason === undefined;
});

const version = execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim();
const major = Number.parseInt(version.slice(1), 10);
const goroutines = sides.includes('goroutines') ? buildGoroutines() : undefined;
const results = [];
try {
  for (const name of names) {
    console.error(`${name} …`);
    const taking = sides.filter((side) => program(name, side) !== undefined);
    const result = compare(name, taking, { rounds, ms, node: options.node, goroutines });
    for (const [side, message] of Object.entries(result.failures)) console.error(`${name}, ${side}: ${message}`);
    results.push(result);
  }
} finally {
  goroutines?.dispose();
}

const rivals = sides.filter((side) => side !== 'greenlets');
console.log(`Node ${version}, median of ${rounds} rounds\n\n${table(results, rivals, major)}`);
if (options.json !== undefined) {
  const judged = results.map((result) => ({ ...result, goals: judge(result, major) }));
  writeFileSync(options.json, `${JSON.stringify({ node: version, rounds, ms, results: judged }, null, 2)}\n`);
}

const failed = results.some(({ failures }) => Object.keys(failures).length > 0);
const missed = results.some((result) => judge(result, major).some(({ met }) => !met));
if (failed || (options.check && isGated(major) && missed)) process.exitCode = 1;

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
