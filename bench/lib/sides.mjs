/** Who takes part, and how a program of each is started. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { bench, project } from './paths.mjs';

/** Debian's python3-gevent belongs to the system's Python, which a version manager may hide. */
export const python = process.env.BENCH_PYTHON ?? '/usr/bin/python3';

/**
 * The first is measured against all others, in the order of the table's columns. `itself`: greenlets again, without
 * what the case adds (a store, ten thousand others).
 */
export const sideFiles = {
  greenlets: 'greenlets.mjs',
  itself: 'itself.mjs',
  python: 'python.py',
  goroutines: 'goroutines.go',
  async: 'async.mjs',
  effect: 'effect.mjs',
  effection: 'effection.mjs',
  threads: 'threads.mjs',
  sync: 'sync.mjs',
  synckit: 'synckit.mjs',
  deasync: 'deasync.mjs',
};

/** Path of a side's program in a case, or undefined if it has none. */
export function program({ path }, side) {
  const file = join(path, sideFiles[side]);
  return existsSync(file) ? file : undefined;
}

/** Builds every Go program once; `executable` finds a case's, `dispose` removes them. */
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
  return { executable: ({ path }) => join(folder, basename(path)), dispose };
}

/** Why a side cannot take part on this machine, or undefined if it can. */
export function whyAbsent(side) {
  switch (side) {
    case 'python':
      return succeeds(python, ['-c', 'import gevent'])
        ? undefined
        : 'no gevent (apt install python3-gevent, or set BENCH_PYTHON)';
    case 'goroutines':
      return succeeds('go', ['version']) ? undefined : 'no Go (apt install golang-go)';
    case 'effect':
    case 'effection':
    case 'synckit':
    case 'deasync':
      return existsSync(join(bench, 'node_modules', side)) ? undefined : 'not installed (npm ci --prefix bench)';
    default:
      return undefined;
  }
}

/** Why a case cannot be played on this machine, or undefined if it can. */
export function whyImpossible({ needs }) {
  return needs === undefined || succeeds('which', [needs]) ? undefined : `no ${needs} (apt install ${needs})`;
}

/** The command line and environment of a side's program. Goroutines get one processor: everybody else has one thread. */
export function command(one, side, { node, goroutines }) {
  const path = program(one, side);
  const env = one.size === undefined ? {} : { BENCH_SIZE: String(one.size) };
  switch (side) {
    case 'python':
      return {
        file: python,
        args: [path],
        env: { ...env, PYTHONPATH: join(bench, 'measure'), PYTHONDONTWRITEBYTECODE: '1' },
      };
    case 'goroutines':
      return { file: goroutines.executable(one), args: [], env: { ...env, GOMAXPROCS: '1' } };
    default:
      return { file: node, args: [...(one.newSpace ? newSpaceOfCommand() : []), path], env };
  }
}

/** The options that the command gives to Node, from its first line. */
function newSpaceOfCommand() {
  const [firstLine] = readFileSync(join(project, 'dist', 'cli', 'greenlets.js'), 'utf8').split('\n', 1);
  return firstLine.match(/--\S+semi-space-size=\d+/g);
}

function succeeds(file, args) {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
