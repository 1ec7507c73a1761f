import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.resolve('greenlets/package.json')));
/** The command, as Node runs it. */
export const COMMAND: string = join(root, 'dist', 'cli', 'greenlets.js');
export const MAIN: string = import.meta.resolve('greenlets/main');

/** Writes a program, in a folder where it finds this package, and calls `body` with its path. */
export async function withProgram<T>(name: string, source: string, body: (path: string) => T): Promise<Awaited<T>> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'greenlets-')));
  const path = join(directory, name);
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules', 'greenlets'));
  writeFileSync(path, source);
  try {
    return await body(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a program printed and how it ended. */
export interface Outcome {
  status: number | null;
  output: string;
}

/** Runs node with `args` to its end. */
export function runNode(args: string[]): Outcome {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }; // else node --test in there takes itself for a part of this run
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000, env });
  return { status, output: stdout + stderr };
}

/** Runs node with `args`, and sends `signal` each time that it has printed `marker`. */
export async function signalNode(args: string[], marker: string, signal: NodeJS.Signals): Promise<Outcome> {
  const child = spawn(process.execPath, args);
  let output = '';
  let sent = 0;
  const collect = (chunk: Buffer): void => {
    output += String(chunk);
    for (const seen = output.split(marker).length - 1; sent < seen; sent++) child.kill(signal);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, output };
}
