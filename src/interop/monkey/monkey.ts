/** Makes Node's synchronous calls suspend the greenlet that makes them, and only it. */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';
import { suspendingAtomics } from './atomics.ts';
import { suspendingChildProcess } from './child-process.ts';
import { suspendingCrypto } from './crypto.ts';
import { dirPrototype, suspendingDir, suspendingFs, suspendingRealpath } from './fs.ts';
import { type Home, Patch } from './patch.ts';
import type { AnyFunction } from './suspend.ts';
import { suspendingZlib } from './zlib.ts';

/** What to patch; everything by default. */
export interface PatchOptions {
  /** All of `fs.…Sync`, and the methods of an open directory. */
  fs?: boolean;
  /** `execSync`, `execFileSync`, `spawnSync`. */
  childProcess?: boolean;
  /** All of `crypto.…Sync`. */
  crypto?: boolean;
  /** All of `zlib.…Sync`. */
  zlib?: boolean;
  /** `Atomics.wait`. */
  atomics?: boolean;
  /** Nothing: Node has no synchronous DNS call. Known so that the list is whole. */
  dns?: boolean;
}

type Part = keyof PatchOptions;

/** Patches by what they belong to, made when they are first wanted. */
const patches = new Map<Part, Patch[]>();

const PARTS: Record<Part, () => Patch[]> = {
  fs: () => [
    ...makePatches(fs as unknown as Home, suspendingFs()),
    ...makePatches(fs.realpathSync as unknown as Home, suspendingRealpath),
    ...makePatches(dirPrototype, suspendingDir),
  ],
  childProcess: () => makePatches(childProcess as unknown as Home, suspendingChildProcess()),
  crypto: () => makePatches(crypto as unknown as Home, suspendingCrypto()),
  zlib: () => makePatches(zlib as unknown as Home, suspendingZlib()),
  atomics: () => makePatches(Atomics as unknown as Home, suspendingAtomics),
  dns: () => [],
};

function makePatches(home: Home, table: Record<string, AnyFunction>): Patch[] {
  return Object.entries(table)
    .filter(([name]) => typeof home[name] === 'function')
    .map(([name, suspending]) => new Patch(home, name, suspending));
}

/**
 * Patches Node: from now on its synchronous calls, made inside a greenlet, suspend that greenlet only. They take the
 * same arguments and give the same results and errors. Imports of ES modules made before see it too; so does
 * `require('fs').readFileSync`, but not a function taken out of its module before.
 *
 * Outside greenlets they are unchanged, as are calls by Node's own code (its module loader, the console that writes to
 * a file), in `exit` handlers and inside `noSwitch`.
 * A call that is cut short by a kill or a timeout may still take its effect on files; a child process is killed.
 *
 * @throws {TypeError} for an option that is unknown or no boolean.
 */
export function patchAll(options: PatchOptions = {}): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(name in PARTS)) throw new TypeError(`unknown option ${name}; there are: ${Object.keys(PARTS).join(', ')}`);
    if (typeof value !== 'boolean') throw new TypeError(`option ${name} must be true or false, got ${String(value)}`);
  }
  for (const part of Object.keys(PARTS) as Part[]) {
    if (options[part] === false) continue;
    if (!patches.has(part)) patches.set(part, PARTS[part]());
    for (const patch of patches.get(part) as Patch[]) patch.apply();
  }
  syncBuiltinESMExports();
}

/** Undoes every patch. Functions that somebody has wrapped or kept meanwhile behave as the originals too. */
export function unpatchAll(): void {
  for (const patch of allPatches()) patch.undo();
  syncBuiltinESMExports();
}

function allPatches(): Patch[] {
  return [...patches.values()].flat();
}

/**
 * Whether `name` of a module, or anything of it, is patched now.
 *
 * @param module `'fs'`, `'node:fs'`, the module itself, or `'Atomics'`.
 * @throws {TypeError} if there is no such module.
 */
export function isPatched(module: string | object, name?: string): boolean {
  const home = homeOf(module);
  return allPatches().some(
    (patch) => patch.home === home && (name === undefined || patch.name === name) && patch.inPlace,
  );
}

/**
 * The function as Node made it, patched or not.
 *
 * @param module as for `isPatched`.
 * @throws {TypeError} if there is no such module or function.
 */
export function getOriginal<M extends object, K extends keyof M & string>(module: M, name: K): M[K];
export function getOriginal(module: string, name: string): AnyFunction;
export function getOriginal(module: string | object, name: string): unknown {
  const home = homeOf(module);
  const patch = allPatches().find((each) => each.home === home && each.name === name);
  const original = patch?.original ?? home[name];
  if (typeof original !== 'function') throw new TypeError(`${String(module)} has no function ${String(name)}`);
  return original;
}

function homeOf(module: string | object): Home {
  if (typeof module === 'string') {
    const found = /^atomics$/i.test(module) ? Atomics : process.getBuiltinModule(module);
    if (found === undefined) throw new TypeError(`${module} is no module of Node`);
    return found as unknown as Home;
  }
  if (typeof module !== 'object' || module === null) throw new TypeError(`expected a module, got ${String(module)}`);
  const isNamespace = (module as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] === 'Module';
  return (isNamespace ? (module as { default: unknown }).default : module) as Home;
}
