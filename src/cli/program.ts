/** Runs a program's main module as a greenlet: its top level may block. */
import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import '../interop/install.ts';
import { Interrupted } from '../errors.ts';
import type { Greenlet } from '../hub/greenlet.ts';
import { watchForLoopExit } from '../hub/loop-exit.ts';
import { makeGreenlet } from '../hub/spawn.ts';
import { waitPromise } from '../hub/wait-promise.ts';

const PROGRAM_STACK = 1024 * 1024;
/** After the first signal the program has so long to end, in ms. */
const GRACE = 10_000;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

interface Loader {
  _load(request: string, parent: null, isMain: boolean): unknown;
  prototype: { load(this: { id: string }, filename: string): unknown };
}

/**
 * Starts `entry` as the program greenlet.
 *
 * @param entry absolute path of the main module: .js, .mjs, .cjs, .ts, .mts, .cts.
 */
export function startProgram(entry: string): Greenlet<unknown> {
  const program = makeGreenlet({ name: 'program', stackSize: PROGRAM_STACK }, [() => load(entry)]) as Greenlet<unknown>;
  watchForLoopExit(program as Greenlet<never>);
  endOnSignals(program);
  program.start();
  return program;
}

function load(entry: string): void {
  if (/\.[cm]?tsx?$/.test(entry)) prepareTypeScript(entry);
  const loader = Module as unknown as Loader;
  markMain(loader, entry);
  try {
    loader._load(entry, null, false);
  } catch (error) {
    // A module with top-level await cannot be required. Its code runs on the event loop's own stack then.
    if ((error as { code?: unknown } | null)?.code !== 'ERR_REQUIRE_ASYNC_MODULE') throw error;
    waitPromise(import(pathToFileURL(entry).href));
  }
}

/**
 * Makes the CommonJS module of `entry` the main one. Node is not told itself: it would import an ES module
 * asynchronously, on the event loop's own stack.
 */
function markMain(loader: Loader, entry: string): void {
  const { load } = loader.prototype;
  loader.prototype.load = function (filename) {
    if (filename === entry) {
      loader.prototype.load = load;
      this.id = '.';
      process.mainModule = this as unknown as NodeJS.Module;
    }
    return Reflect.apply(load, this, [filename]);
  };
}

/** Node strips types itself from 22.18 on; before, `tsx` does it if the program has it. */
function prepareTypeScript(entry: string): void {
  if ((process.features as { typescript?: unknown }).typescript) return;
  const require = createRequire(entry);
  let tsx: { register(): void };
  try {
    tsx = require('tsx/cjs/api') as { register(): void };
  } catch (cause) {
    throw new Error(`Node ${process.versions.node} runs no TypeScript: install tsx beside ${entry}`, { cause });
  }
  tsx.register();
}

/** The first SIGINT or SIGTERM raises Interrupted in the program; a second one, or the end of the grace, ends at once. */
function endOnSignals(program: Greenlet<unknown>): void {
  let interrupted = false;
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return; // the program has a handler of its own
      if (interrupted || program.dead) process.exit(code);
      interrupted = true;
      setTimeout(() => process.exit(code), GRACE).unref();
      program.rawLink(() => process.exit(process.exitCode ?? code));
      program.kill(new Interrupted(signal), { block: false, persistent: true });
    });
  }
}
