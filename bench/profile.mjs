/**
 * Where the time of a case goes: `npm run bench:profile -- CASE [--node path] [--rival side] [--top n] [--docs]`.
 *
 * Runs the program of greenlets, and that of a rival, once each under Linux' `perf`, and prints what an operation takes
 * by place (kernel, V8 and Node, JavaScript, the engine) and by function: where a rival is given, those that take the
 * most more than in its program. Shares are of the whole run, with start and warm-up, of its main thread only.
 * `--docs` keeps it for docs/benchmarks.md, which shows it where a goal of the case is missed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { caseNamed, cases } from './lib/cases.mjs';
import { runChild } from './lib/child.mjs';
import { short } from './lib/measures.mjs';
import { keepProfile } from './lib/profiles.mjs';
import { startServer } from './lib/server.mjs';
import { command, program, sideFiles } from './lib/sides.mjs';
import { markdownTable } from './lib/table.mjs';

/** Symbols for perf, also of what V8 has compiled and of what it interprets. */
const NAMED = [
  '--perf-basic-prof',
  '--interpreted-frames-native-stack',
  '--no-logfile-per-isolate',
  '--logfile=/dev/null',
];
/** Samples a second; no round number, which might march in step with the program. */
const FREQUENCY = '1999';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', default: process.execPath },
    rival: { type: 'string' },
    ms: { type: 'string', default: '300' },
    top: { type: 'string', default: '25' },
    docs: { type: 'boolean', default: false },
  },
});

const one = caseNamed(positionals[0]);
if (one === undefined) fail(`Name a case: ${cases.map(({ name }) => name).join(', ')}`);
const rivals = Object.keys(sideFiles).filter((side) => sideFiles[side].endsWith('.mjs') && program(one, side));
if (options.rival !== undefined && !rivals.includes(options.rival)) {
  fail(`--rival must be a program for Node of this case: ${rivals.join(', ')}`);
}

const { node, version } = JSON.parse(
  execFileSync(options.node, ['-p', 'JSON.stringify({ node: process.execPath, version: process.version })'], {
    encoding: 'utf8',
  }),
);
const folder = mkdtempSync(join(tmpdir(), 'greenlets-profile-'));
const server = one.server === undefined ? undefined : await startServer(one.server);
try {
  const ours = profile('greenlets');
  const theirs = options.rival === undefined ? new Map() : profile(options.rival);
  const text = `ns of an operation of ${one.name}, Node ${version}

${table('place', sumBy(ours, placeOf), sumBy(theirs, placeOf), Number.POSITIVE_INFINITY)}

${table('function', ours, theirs, Number(options.top))}
`;
  console.log(text);
  if (options.docs) keepProfile(one.name, `npm run bench:profile -- ${process.argv.slice(2).join(' ')}`, text);
} finally {
  server?.stop();
  rmSync(folder, { recursive: true });
}

/** Ns an operation by function, which is written as `where: what`. */
function profile(side) {
  const { file, args, env } = command(one, side, { node });
  const data = join(folder, side);
  const recorder = ['record', '--quiet', '-F', FREQUENCY, '-o', data, '--', file, ...NAMED, ...args];
  const result = runChild(
    { file: 'perf', args: recorder, env },
    { BENCH_MS: options.ms, BENCH_NODE: process.execPath, BENCH_URL: server?.url },
  );
  const samples = readSamples(data);
  const each = (result.cpu_ns_per_op ?? result.ns_per_op) / samples.length;
  return samples.reduce((sums, name) => sums.set(name, (sums.get(name) ?? 0) + each), new Map());
}

/** The functions in which the samples of the main thread were taken. */
function readSamples(data) {
  const output = execFileSync('perf', ['script', '-i', data, '-F', 'comm,pid,ip,sym,dso'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pids = new Set();
  const samples = [];
  for (const line of output.split('\n')) {
    const [, comm, pid, symbol, dso] = /^\s*(\S+)\s+(\d+)\s+[0-9a-f]+ (.*) \((.*)\)$/.exec(line) ?? [];
    if (comm === undefined || !/MainThread|^node$/.test(comm)) continue;
    pids.add(pid);
    samples.push(`${whereOf(dso, symbol)}: ${nameOf(symbol)}`);
  }
  for (const pid of pids) rmSync(join(tmpdir(), `perf-${pid}.map`), { force: true });
  return samples;
}

function whereOf(dso, symbol) {
  if (dso.startsWith('[kernel') || symbol.endsWith('_[k]')) return 'kernel';
  if (/greenlets.*\.node$/.test(dso)) return 'engine';
  if (/\/node$/.test(dso)) return 'V8 and Node';
  if (/perf-\d+\.map|\[JIT\]/.test(dso)) return whoseJavaScript(symbol);
  return 'C library';
}

function whoseJavaScript(symbol) {
  if (/ node:/.test(symbol)) return 'JavaScript of Node';
  if (/\/dist\//.test(symbol)) return 'JavaScript of greenlets';
  return 'JavaScript, other';
}

/** Without what V8 puts before a name to tell how it is compiled, and without paths. */
function nameOf(symbol) {
  return symbol.replace(/^(JS|Script|LazyCompile|Function):[*~^+o]*'?/, '').replace(/(file:\/\/)?\/\S*\//, '');
}

function placeOf(name) {
  return name.slice(0, name.indexOf(': '));
}

function sumBy(times, keyOf) {
  const sums = new Map();
  for (const [name, ns] of times) sums.set(keyOf(name), (sums.get(keyOf(name)) ?? 0) + ns);
  return sums;
}

/** The first `top` by how much more ours take. */
function table(title, ours, theirs, top) {
  const compared = options.rival !== undefined;
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  const more = (name) => (ours.get(name) ?? 0) - (theirs.get(name) ?? 0);
  const shown = names.sort((a, b) => more(b) - more(a)).slice(0, top);
  const cells = (name) => {
    const own = short(Math.round(ours.get(name) ?? 0));
    return compared
      ? [name, own, short(Math.round(theirs.get(name) ?? 0)), short(Math.round(more(name)))]
      : [name, own];
  };
  return markdownTable(compared ? [title, 'greenlets', options.rival, 'more'] : [title, 'greenlets'], shown.map(cells));
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
