import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.resolve('greenlets/package.json')));
/** The command, as Node runs it. */
export const COMMAND: string = join(root, 'dist', 'cli', 'greenlets.js');
export const MAIN: string = import.meta.resolve('greenlets/main');

/** Writes a program whose imports of greenlets find this package; calls `body` with its path. */
export async function withProgram<T>(name: string, source: string, body: (path: string) => T): Promise<Awaited<T>> {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  const path = join(directory, name);
  writeFileSync(
    path,
    source.replaceAll(/'(greenlets(?:\/[a-z/]+)?)'/g, (_, specifier: string) =>
      JSON.stringify(fileURLToPath(import.meta.resolve(specifier))),
    ),
  );
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
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, output: stdout + stderr };
}

/** Runs node with `args`, and sends `signal` when it has printed `marker`. */
export async function signalNode(args: string[], marker: string, signal: NodeJS.Signals): Promise<Outcome> {
  const child = spawn(process.execPath, args);
  let output = '';
  const collect = (chunk: Buffer): void => {
    const before = output;
    output += String(chunk);
    if (!before.includes(marker) && output.includes(marker)) child.kill(signal);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, output };
}
