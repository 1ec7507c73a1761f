#!/usr/bin/env -S node --max-semi-space-size=64
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { startProgram } from './program.ts';

const USAGE = `usage: greenlets <program> [arguments]

Runs a program as the main greenlet: its top level may block.
  <program>   a .js, .mjs, .cjs, .ts, .mts or .cts file
  --help, --version`;

/** The file meant by `name`, with Node's usual extensions. */
function findProgram(name: string): string | undefined {
  const path = resolve(name);
  if (existsSync(path)) {
    try {
      return createRequire(path).resolve(path);
    } catch {
      return path;
    }
  }
  return ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].map((end) => path + end).find((file) => existsSync(file));
}

function main(): void {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === '--help') {
    console.log(USAGE);
    process.exitCode = name === undefined ? 2 : 0;
    return;
  }
  if (name === '--version') {
    const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
    console.log(version);
    return;
  }
  const program = name.startsWith('-') ? undefined : findProgram(name);
  if (program === undefined) {
    console.error(
      name.startsWith('-') ? `greenlets: unknown option ${name}\n\n${USAGE}` : `greenlets: cannot find ${name}`,
    );
    process.exitCode = 2;
    return;
  }
  process.argv.splice(1, process.argv.length, program, ...args);
  startProgram(program);
}

main();
