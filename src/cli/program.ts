/** Runs a program's main module as a greenlet: its top level may block. */
import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import '../interop/install.ts';
import '../observe/inspect-if-asked.ts';
import { engine } from '../engine/raw-greenlet.ts';
import { BlockingSwitchOutError, GreenletExit } from '../errors.ts';
import type { Greenlet } from '../hub/greenlet.ts';
import { RootGreenlet } from '../hub/root-greenlet.ts';
import { makeGreenlet } from '../hub/spawn.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import { endOnSignals } from './signals.ts';
import { prepareTypeScript } from './typescript.ts';

const PROGRAM_STACK = 1024 * 1024;

interface MainModule {
  id: string;
  _compile(source: string, filename: string, format?: string): unknown;
}
interface Loader {
  _load(request: string, parent: null, isMain: boolean): unknown;
  prototype: { load(this: MainModule, filename: string): unknown };
}

/**
 * Starts `entry` as the program greenlet.
 *
 * @param entry absolute path of the main module: .js, .mjs, .cjs, .ts, .mts, .cts; without it as Node finds it.
 * @throws {GreenletError} if it is TypeScript and nothing here runs that.
 */
export function startProgram(entry: string): Greenlet<unknown> {
  const path = createRequire(entry).resolve(entry);
  if (/\.[cm]?tsx?$/.test(path)) prepareTypeScript(path);
  const program = makeGreenlet({ name: 'program', stackSize: PROGRAM_STACK }, [() => runMain(path)], RootGreenlet);
  endOnSignals(program);
  program.start();
  return program;
}

function runMain(entry: string): void {
  const loader = Module as unknown as Loader;
  makeMain(loader, entry);
  try {
    // Not caught and rethrown here, an error shows the line that threw it, as Node does for a main module.
    engine.native.callOrReport(
      () => loader._load(entry, null, false),
      (error) => error instanceof GreenletExit || isAsyncModule(error),
    );
  } catch (error) {
    if (!isAsyncModule(error)) throw error;
    importOnMainStack(entry);
  }
}

function isAsyncModule(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'ERR_REQUIRE_ASYNC_MODULE';
}

/** A module with top-level await cannot be required: its code runs on the event loop's own stack, and cannot block. */
function importOnMainStack(entry: string): void {
  const imported = import(pathToFileURL(entry).href);
  imported.catch(explain); // an unhandled rejection, as Node has it
  waitPromise(
    imported.then(
      () => {},
      () => {},
    ),
  );
}

function explain(error: unknown): never {
  if (!(error instanceof BlockingSwitchOutError)) throw error;
  throw new BlockingSwitchOutError(
    'cannot block at the top level of this program: it, or a module that it imports, has a top-level await, which ' +
      'puts it on the event loop’s own stack. Write wait(promise) in place of await',
    { cause: error },
  );
}

/**
 * Makes the module of `entry` the main one for all who ask. Node is not told itself: it would import an ES module
 * asynchronously, on the event loop's own stack.
 */
function makeMain(loader: Loader, entry: string): void {
  const { load } = loader.prototype;
  loader.prototype.load = function (filename) {
    if (filename === entry) {
      loader.prototype.load = load;
      this.id = '.';
      process.mainModule = this as unknown as NodeJS.Module;
      markCompiled(this);
    }
    return Reflect.apply(load, this, [filename]);
  };
}

/** An ES module is not `process.mainModule`; that it is the main one, `import.meta.main` says, where Node has that. */
function markCompiled(module: MainModule): void {
  const { _compile: compile } = module;
  module._compile = function (source, filename, format) {
    module._compile = compile;
    const isModule = isESModule(source, format);
    if (isModule) delete process.mainModule;
    const marked = isModule ? markMain(source) : source;
    return Reflect.apply(compile, this, [marked, filename, format]);
  };
}

function isESModule(source: string, format: string | undefined): boolean {
  if (format?.startsWith('module') || format?.startsWith('commonjs')) return format.startsWith('module');
  // As Node does where nothing tells: it is one if it does not parse as CommonJS.
  if (!/^\s*(import|export)\b|\bimport\.meta\b/m.test(source)) return false;
  try {
    new Script(Module.wrap(source.replace(/^#!.*/, '')));
    return false;
  } catch {
    return true;
  }
}

/** Keeps every line where it is. */
function markMain(source: string): string {
  if (!('main' in import.meta) || !source.includes('import.meta.main')) return source;
  const start = source.startsWith('#!') ? source.indexOf('\n') + 1 : 0;
  return `${source.slice(0, start)}import.meta.main = true;${source.slice(start)}`;
}
