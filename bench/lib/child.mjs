/** Runs one program in its own process: no side shares a heap, a warm JIT or a garbage collection with another. */
import { spawnSync } from 'node:child_process';
import { bench } from './paths.mjs';

const LONGEST_MS = 120_000;

/** The object that the program printed as its last line. Throws with what it wrote to stderr if it failed. */
export function runChild({ file, args, env }, extra = {}) {
  const child = spawnSync(file, args, {
    encoding: 'utf8',
    cwd: bench,
    env: { ...process.env, ...env, ...extra },
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  });
  if (child.error) throw child.error;
  if (child.status !== 0) {
    throw new Error(`${file} ${args.join(' ')} ended with ${child.signal ?? child.status}\n${child.stderr.trim()}`);
  }
  const line = child.stdout.trim().split('\n').at(-1);
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${file} ${args.join(' ')} printed no result but ${JSON.stringify(line)}`);
  }
}
