/**
 * The synchronous calls of `node:child_process`.
 *
 * All three end in one function of Node's binding, which runs a child to its end; what they make of their arguments
 * and of the outcome around it is Node's own code, and stays. Only that function is replaced, by the asynchronous
 * `ChildProcess`.
 */
import { execFileSync, execSync, spawnSync } from 'node:child_process';
import { checkpoint, park } from '../../hub/park.ts';
import { type ChildOptions, ChildRun } from './child-run.ts';
import type { AnyFunction } from './suspend.ts';

interface SpawnBinding {
  spawn(options: ChildOptions): unknown;
}

interface Deprecating {
  binding(name: string): Partial<SpawnBinding>;
  noDeprecation: boolean | undefined;
}

/** True while a call that may suspend is on its way into the binding. */
let suspending = false;

/** What replaces the functions of `node:child_process`; empty where Node does not let its binding be reached. */
export function suspendingChildProcess(): Record<string, AnyFunction> {
  if (!replaceSpawn()) return {};
  return {
    execSync: throughBinding(execSync),
    execFileSync: throughBinding(execFileSync),
    spawnSync: throughBinding(spawnSync),
  };
}

function throughBinding(original: AnyFunction): AnyFunction {
  return (...args) => {
    checkpoint();
    suspending = true;
    try {
      return original(...args);
    } finally {
      suspending = false; // bad arguments never reach the binding
    }
  };
}

let replaced: boolean | undefined;

function replaceSpawn(): boolean {
  replaced ??= (() => {
    const binding = findBinding();
    if (binding === undefined) return false;
    const { spawn } = binding;
    binding.spawn = (options) => {
      if (!suspending) return spawn(options);
      suspending = false;
      return park(new ChildRun(options));
    };
    return true;
  })();
  return replaced;
}

/** Under Node's permission model there is no way to a binding. */
function findBinding(): SpawnBinding | undefined {
  const { binding, noDeprecation } = process as unknown as Deprecating;
  try {
    (process as unknown as Deprecating).noDeprecation = true; // with --pending-deprecation the user would be warned
    const found = binding.call(process, 'spawn_sync');
    return typeof found.spawn === 'function' ? (found as SpawnBinding) : undefined;
  } catch {
    return undefined;
  } finally {
    (process as unknown as Deprecating).noDeprecation = noDeprecation;
  }
}
