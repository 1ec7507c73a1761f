/**
 * `require()` of a module whose top level blocks. Node takes a module that is being evaluated for a cycle and hands
 * out its unfinished exports; here every greenlet that requires it meanwhile waits for the finished module. Modules that
 * require each other from two greenlets get, as in Node, the unfinished exports instead of a deadlock.
 */
import Module from 'node:module';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { park } from '../hub/park.ts';
import { WaitQueue } from '../hub/wait-queue.ts';

interface Loading {
  owner: RawGreenlet;
  finished: WaitQueue;
}

interface ModuleInternals {
  _load(this: unknown, request: string, parent: unknown, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: unknown, isMain: boolean): string;
  prototype: { load(this: unknown, filename: string): unknown };
}

const loading = new Map<string, Loading>();
/** Which module each greenlet waits for, to see cycles. */
const waitingFor = new Map<RawGreenlet, Loading>();

/** Puts the lock into Node's CommonJS loader, through which `require()` of ES modules goes as well. */
export function lockModules(): void {
  const internals = Module as unknown as ModuleInternals;
  const { _load: load } = internals;
  const { load: evaluate } = internals.prototype;
  internals._load = function (request, parent, isMain) {
    if (loading.size > 0 && engine.current !== engine.main) waitUntilLoaded(internals, request, parent, isMain);
    return Reflect.apply(load, this, [request, parent, isMain]);
  };
  internals.prototype.load = function (filename) {
    if (engine.current === engine.main) return Reflect.apply(evaluate, this, [filename]);
    const entry = { owner: engine.current as RawGreenlet, finished: new WaitQueue() };
    loading.set(filename, entry);
    try {
      return Reflect.apply(evaluate, this, [filename]);
    } finally {
      loading.delete(filename);
      entry.finished.wakeAll(undefined);
    }
  };
}

function waitUntilLoaded(internals: ModuleInternals, request: string, parent: unknown, isMain: boolean): void {
  let filename: string;
  try {
    filename = internals._resolveFilename(request, parent, isMain);
  } catch {
    return; // the loader itself says it best
  }
  const self = engine.current as RawGreenlet;
  for (let entry = loading.get(filename); entry !== undefined; entry = loading.get(filename)) {
    if (leadsBackTo(self, entry)) return;
    waitingFor.set(self, entry);
    try {
      park(entry.finished);
    } finally {
      waitingFor.delete(self);
    }
  }
}

/** True if waiting for `entry` would wait for `self`. */
function leadsBackTo(self: RawGreenlet, entry: Loading): boolean {
  for (let next: Loading | undefined = entry; next !== undefined; next = waitingFor.get(next.owner)) {
    if (next.owner === self) return true;
  }
  return false;
}
