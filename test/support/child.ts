import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PACKAGE: string = fileURLToPath(new URL('.', import.meta.resolve('greenlets/package.json')));

/** How a child process ended, and all that it printed. */
export interface Ended {
  status: number | null;
  signal: string | null;
  output: string;
}

/** The flags of V8 that this process runs under: what holds here must hold in its children. */
const inherited = process.execArgv.filter((flag) => !/^--(test|enable-source-maps)/.test(flag));

/** Whether this process runs under such flags. */
export const UNDER_FLAGS: boolean = inherited.some((flag) => flag !== '--expose-gc');

/** Runs a program, an ES module, in a child process to its end. */
export function child(source: string, flags: string[] = [], options: SpawnSyncOptions = {}): Ended {
  const program = source.replaceAll(/'(greenlets(?:\/[a-z/]+)?)'/g, (_, specifier: string) =>
    JSON.stringify(import.meta.resolve(specifier)),
  );
  return runNode([...flags, '--input-type=module', '-e', program], options);
}

/** Runs node with `args` in a child process to its end. */
export function runNode(args: string[], options: SpawnSyncOptions = {}): Ended {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...inherited, ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    ...options,
  });
  return { status, signal, output: String(stdout) + String(stderr) };
}

/** Major version of the running Node. */
export const NODE: number = Number(process.versions.node.split('.')[0]);
