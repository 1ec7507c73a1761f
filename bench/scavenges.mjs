// npm run measure:scavenges: what suspended greenlets cost a program that allocates, as a table in docs/scavenges.md.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run, sleep, spawn } from 'greenlets';
import { median } from './lib/median.mjs';

const COUNTS = [0, 1000, 10_000, 50_000];
const ROUNDS = 3;
const SPACES = {
  'Node’s own new space': [],
  'the command’s: 16 to 64 MB': ['--min-semi-space-size=16', '--max-semi-space-size=64'],
};

/** What was made last, so that making it is not optimized away. */
const sink = { kept: null };

/** Makes short-lived objects beside `count` suspended greenlets. @returns the CPU time in ms. */
function allocateBeside(count) {
  for (let i = 0; i < count; i++) spawn(sleep, 1e9);
  sleep(0);
  const start = process.cpuUsage();
  for (let i = 0; i < 5e6; i++) sink.kept = { i, before: null };
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
function measure(count, flags) {
  const program = fileURLToPath(import.meta.url);
  const times = Array.from({ length: ROUNDS }, () =>
    Number(execFileSync(process.execPath, [...flags, program, String(count)], { encoding: 'utf8' })),
  );
  return median(times);
}

function table() {
  const rows = COUNTS.map((count) => [count, ...Object.values(SPACES).map((flags) => measure(count, flags))]);
  const [, ...alone] = rows[0];
  const format = ([count, ...times]) => {
    const cells = times.map((ms, index) => `${ms.toFixed(0)} ms (${(ms / alone[index]).toFixed(1)}×)`);
    return `| ${count.toLocaleString('en')} | ${cells.join(' | ')} |`;
  };
  return [
    `| greenlets suspended | ${Object.keys(SPACES).join(' | ')} |`,
    '| ---: | ---: | ---: |',
    ...rows.map(format),
  ];
}

if (process.argv[2] === undefined) {
  const lines = [
    '# What suspended greenlets cost the garbage collector',
    '',
    'The CPU time of a loop that makes five million small objects and drops them, beside greenlets that are suspended in',
    '`sleep`; in brackets, against the same loop with none. Made by `npm run measure:scavenges`.',
    '',
    ...table(),
    '',
    `Node ${process.versions.node}, ${cpus()[0].model.trim()}; the median of ${ROUNDS} rounds, each in a process of its own.`,
  ];
  writeFileSync(new URL('../docs/scavenges.md', import.meta.url), `${lines.join('\n')}\n`);
  console.log(lines.join('\n'));
} else {
  console.log(await run(allocateBeside, Number(process.argv[2])));
  process.exit();
}
