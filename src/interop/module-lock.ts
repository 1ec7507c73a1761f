/**
 * `require()` of a module whose top level blocks. Node takes a module that is being evaluated for a cycle and hands
 * out its unfinished exports; here every greenlet that requires it meanwhile waits for the finished module, or for the
 * error of its evaluation. If the one that evaluates it is killed or timed out, the next in line does it anew. Modules
 * that require each other from two greenlets get, as in Node, the unfinished exports instead of a deadlock; so does
 * whoever requires the main module, whose top level is the whole program.
 */
import Module from 'node:module';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { park } from '../hub/park.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { isCancel } from '../hub/with-timeout.ts';

/** A module that a greenlet evaluates. Who waits for it is woken when it is finished, or fails with its error. */
class Loading implements WaitSource {
  readonly filename: string;
  readonly owner: RawGreenlet;
  readonly #waiters = new WaitQueue();

  constructor(filename: string, owner: RawGreenlet) {
    this.filename = filename;
    this.owner = owner;
  }

  register(node: QueueNode): void {
    this.#waiters.register(node);
  }
  unregister(node: QueueNode): void {
    this.#waiters.unregister(node);
  }
  /** The owner was ended by force, without its `finally`: nobody will ever finish the module. */
  abandoned(): void {
    if (!this.owner.broke) return;
    this.forget();
    this.#waiters.wakeAll(undefined);
  }
  forget(): void {
    loading.delete(this.filename);
    delete internals._cache[this.filename];
  }
  finished(): void {
    loading.delete(this.filename);
    this.#waiters.wakeAll(undefined);
  }
  failed(error: unknown): void {
    loading.delete(this.filename);
    this.#waiters.failAll(error);
  }
}

interface ModuleInternals {
  _cache: Record<string, unknown>;
  _load(this: unknown, request: string, parent: unknown, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: unknown, isMain: boolean): string;
  prototype: { load(this: { id: string }, filename: string): void };
}

const internals = Module as unknown as ModuleInternals;
const loading = new Map<string, Loading>();
/** Which module each greenlet waits for, to see cycles. */
const waitingFor = new Map<RawGreenlet, Loading>();

/** Puts the lock into Node's CommonJS loader, through which `require()` of ES modules goes as well. */
export function lockModules(): void {
  const { _load: load } = internals;
  const { load: evaluate } = internals.prototype;
  internals._load = function (request, parent, isMain) {
    if (loading.size > 0 && engine.current !== engine.main) waitUntilLoaded(request, parent, isMain);
    return Reflect.apply(load, this, [request, parent, isMain]);
  };
  internals.prototype.load = function (filename) {
    if (engine.current === engine.main || this.id === '.') {
      Reflect.apply(evaluate, this, [filename]);
      return;
    }
    const entry = new Loading(filename, engine.current as RawGreenlet);
    loading.set(filename, entry);
    try {
      Reflect.apply(evaluate, this, [filename]);
    } catch (error) {
      // That the owner was killed is its own affair: the next in line evaluates the module itself.
      if (isCancel(error)) entry.finished();
      else entry.failed(error);
      throw error;
    }
    entry.finished();
  };
}

function waitUntilLoaded(request: string, parent: unknown, isMain: boolean): void {
  let filename: string;
  try {
    filename = internals._resolveFilename(request, parent, isMain);
  } catch {
    return; // the loader itself says it best
  }
  const self = engine.current as RawGreenlet;
  for (let entry = loading.get(filename); entry !== undefined; entry = loading.get(filename)) {
    if (entry.owner.finished) {
      entry.forget();
      return;
    }
    if (leadsBackTo(self, entry)) return;
    waitingFor.set(self, entry);
    try {
      park(entry);
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
