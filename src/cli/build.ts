/** `greenlets build`: compiles the engine of the installed package for the running Node. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Location, location } from '../location.ts';
import { UsageError } from './usage.ts';

const NODE_GYP = 'node-gyp@12.4.0';

/** @returns the exit code: 0 if the engine was built and loads. */
export async function build(args: string[]): Promise<number> {
  if (args.length > 0) throw new UsageError('usage: greenlets build');
  const native = join((location as Location).directory, 'native');
  const headers = headersOfNode();
  const version = process.versions.node;
  console.log(`building the engine for Node ${version} in ${native}; this needs g++, make and python3`);
  const { status, error } = spawnSync('npx', ['--yes', NODE_GYP, 'rebuild', '-C', native, `--target=${version}`], {
    stdio: 'inherit',
    // node-gyp lets npm's settings, which stand in the environment, win over its arguments.
    env: { ...withoutNpmSettings(), ...(headers === undefined ? {} : { npm_config_nodedir: headers }) },
  });
  if (error !== undefined) throw error;
  if (status !== 0) return 1;
  const { loadNativeEngine } = await import('../native.ts');
  const { failure } = loadNativeEngine();
  if (failure !== null) throw failure;
  console.log('built, and it loads');
  return 0;
}

/** Where this Node's own headers are; undefined lets node-gyp fetch them. */
function headersOfNode(): string | undefined {
  const prefix = join(dirname(process.execPath), '..');
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? prefix : undefined;
}

function withoutNpmSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package_)?config_/i.test(name)));
}
