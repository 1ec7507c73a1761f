/** The synchronous calls, by name; each as a program would make it. */
import { execSync } from 'node:child_process';
import { scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

const CALLS = {
  readFileSync: () => readFileSync(FILE),
  scryptSync: () => scryptSync('password', 'salt', 32),
  execSync: () => execSync('sleep 0.1'),
};

export const AT_A_TIME = 20;
export const call = CALLS[process.env.BENCH_SIZE];
