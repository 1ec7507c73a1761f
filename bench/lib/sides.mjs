/**
 * Who takes part, and how a program of each is started. A case is a folder `cases/<name>/` with one
 * file a side; a side without a file there sits that case out.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const bench = fileURLToPath(new URL('..', import.meta.url));
const cases = join(bench, 'cases');

/** Debian's python3-gevent belongs to the system's Python, which a version manager may hide. */
const python = process.env.BENCH_PYTHON ?? '/usr/bin/python3';

/** The first is measured against all others, in the order of the table's columns. */
export const sideFiles = {
  greenlets: 'greenlets.mjs',
  python: 'python.py',
  goroutines: 'goroutines.go',
  async: 'async.mjs',
  effect: 'effect.mjs',
  effection: 'effection.mjs',
};

/** Names of all cases that contain the filter. */
export function caseNames(filter = '') {
  return readdirSync(cases).filter((name) => name.includes(filter));
}

/** Path of a side's program in a case, or undefined if it has none. */
export function program(caseName, side) {
  const path = join(cases, caseName, sideFiles[side]);
  return existsSync(path) ? path : undefined;
}

/** Builds every Go program once; the returned function gives a case's executable, `dispose` removes them. */
export function buildGoroutines() {
  const folder = mkdtempSync(join(tmpdir(), 'greenlets-bench-'));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('go', ['build', '-o', `${folder}/`, './cases/...'], {
      cwd: bench,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  } catch (error) {
    dispose();
    throw error;
  }
  return { executable: (caseName) => join(folder, caseName), dispose };
}

/** Why a side cannot take part on this machine, or undefined if it can. */
export function whyAbsent(side) {
  const succeeds = (command, args) => {
    try {
      execFileSync(command, args, { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  switch (side) {
    case 'python':
      return succeeds(python, ['-c', 'import gevent'])
        ? undefined
        : 'no gevent (apt install python3-gevent, or set BENCH_PYTHON)';
    case 'goroutines':
      return succeeds('go', ['version']) ? undefined : 'no Go (apt install golang-go)';
    case 'effect':
    case 'effection':
      return existsSync(join(bench, 'node_modules', side)) ? undefined : 'not installed (npm install --prefix bench)';
    default:
      return undefined;
  }
}

/** The command line and environment of a side's program. Goroutines get one processor: everybody else has one thread. */
export function command(caseName, side, { node, goroutines }) {
  const path = program(caseName, side);
  switch (side) {
    case 'python':
      return { file: python, args: [path], env: { PYTHONPATH: join(bench, 'measure'), PYTHONDONTWRITEBYTECODE: '1' } };
    case 'goroutines':
      return { file: goroutines.executable(caseName), args: [], env: { GOMAXPROCS: '1' } };
    default:
      return { file: node, args: [path], env: {} };
  }
}
