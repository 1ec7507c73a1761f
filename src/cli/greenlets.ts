#!/usr/bin/env -S node --min-semi-space-size=16 --max-semi-space-size=64
// The command `greenlets`: runs a program as the main greenlet, or one of the subcommands.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { GreenletError } from '../errors.ts';
import { location } from '../location.ts';
import { COMMANDS } from './commands.ts';
import { UsageError } from './usage.ts';

const USAGE = `usage: greenlets <program> [arguments]      run a program as the main greenlet: its top level may block
       greenlets <command> [arguments]

program:   a .js, .mjs, .cjs, .ts, .mts or .cts file
commands:  ${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `${name.padEnd(8)} ${summary}`)
  .join('\n           ')}
options:   --help, --version
           --inspect-greenlets  before the program: lets ps, top and dump look into it, as GREENLETS_INSPECT=1 does
           --cpu-prof           before the program: writes a CPU profile in which greenlets have their names; also
                                --cpu-prof-dir, --cpu-prof-name and --cpu-prof-interval, as of Node

Options for Node itself go to Node:  node --watch --import greenlets/main app.ts`;

async function main(args: string[]): Promise<void> {
  const [first, ...rest] = args;
  if (first === undefined) throw new UsageError(USAGE);
  if (first === '--help' || first === '-h') return console.log(USAGE);
  if (first === '--version' || first === '-v') return console.log(version());
  if (first === '--inspect-greenlets') {
    process.env.GREENLETS_INSPECT = '1'; // of child processes, too
    return main(rest);
  }
  if (first.startsWith('--cpu-prof')) {
    const { profile } = await import('./profile.ts');
    return main(profile(args));
  }
  if (first.startsWith('-')) throw new UsageError(explainOption(first));
  const command = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (command !== undefined) process.exitCode = await (await command.load())(rest);
  else await run(first, rest);
}

function version(): string {
  return location?.version ?? 'unknown';
}

function explainOption(option: string): string {
  if (['-', '-e', '--eval', '-p', '--print'].includes(option)) {
    return `greenlets: runs programs from files only, not ${option}. With \`node\`, use run() from 'greenlets'.`;
  }
  return `greenlets: unknown option ${option}. Options for Node itself go to Node: node ${option} --import greenlets/main app.ts`;
}

async function run(name: string, args: string[]): Promise<void> {
  const path = resolve(name);
  try {
    createRequire(path).resolve(path);
  } catch {
    throw new UsageError(`greenlets: cannot find ${path}`);
  }
  process.argv.splice(1, process.argv.length, path, ...args);
  // Child processes by fork() and cluster run their programs in the same way.
  process.execArgv.push('--import', new URL('../main.js', import.meta.url).href);
  const { startProgram } = await import('./program.ts');
  startProgram(path);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof GreenletError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
