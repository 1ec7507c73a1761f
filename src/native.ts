import { createRequire } from 'node:module';
import { join } from 'node:path';
import { existsSync } from './builtins.ts';
import type { Stalled } from './engine/interrupts.ts';
import { GreenletError } from './errors.ts';
import { location } from './location.ts';

/** The engine as the addon gives it: coroutines with stacks of their own, by number; 0 is the main stack. */
export interface NativeEngine {
  /** A new coroutine that will call `entry`, which returns the one to go on with; 0 when memory is short. */
  create(entry: () => number, stackSize: number): number;
  /** Suspends the running stack, resumes `coroutine`; false if the running stack must not be left now. */
  transfer(coroutine: number): boolean;
  /** An Error whose trace is the stack of a suspended coroutine; undefined if it is not suspended. */
  traceOf(coroutine: number): Error | undefined;
  /** The coroutine is ended by a termination: at once if it runs, else when it is resumed next. */
  unwind(coroutine: number): void;
  /** Whether the running stack may be suspended now: false while promise jobs run on a coroutine's own stack. */
  canLeave(): boolean;
  /** Calls `fn(stop)`; `stop()` ends that call at once, without its `catch` and `finally`. */
  abandon(fn: (stop: () => void) => void): void;
  /** Calls `fn`. An error that `spares` does not claim is an uncaught exception there and then, as of a main module. */
  callOrReport(fn: () => void, spares: (error: unknown) => boolean): void;
  /** The one object of the heap that has both properties. */
  findObject(property: string, another: string): object | undefined;
  /** The current frame of AsyncLocalStorage (Node 24 and later), an opaque value. */
  getContext(): unknown;
  setContext(context: unknown): void;
  /**
   * Gives memory of stacks back that was not used since the last look, a part at a time. 2: call again for the rest;
   * 1: another look will find more; 0: nothing is left.
   */
  trim(): 0 | 1 | 2;
  /**
   * @param begin called on a coroutine's stack before it is unwound.
   * @param end called after that; returns the coroutine to go on with. `foreign`: the termination was not asked for by
   *   `unwind`, and will be raised again on the main stack.
   */
  onForcedEnd(begin: () => void, end: (foreign: boolean) => number): void;
  /** Whether a debugger may be attached to this thread, and from now on to any: a "step into" ends at switches then. */
  setDebugging(here: boolean, anywhere: boolean): void;
  /** Bytes mapped for stacks, and stacks in use. */
  stacks(): [mapped: number, inUse: number];
  /** Prepares for interrupts, see `Interrupts`; false if they are not possible. */
  interrupts(onSliceOver: () => boolean, onStalled: Stalled, ownScripts: readonly string[]): boolean;
  /** See `giveUpLoopAssumptions`. */
  giveUpLoopAssumptions(): void;
  /** Looks every so many ms for slices that are over; 0 = never. */
  preempt(periodMs: number): void;
  /** The slice of the running coroutine begins, in ms; 0 = it is not preempted. */
  setSlice(ms: number): void;
  /** Puts coroutines into CPU profiles, a sample every so many µs; 0 = never. */
  sampleProfile(intervalUs: number): void;
  /** Looks for stalls longer than `maxMs` every `intervalMs`; 0 = not any more. False if it could not begin. */
  watch(maxMs: number, intervalMs: number): boolean;
  /** Where the caller writes, by coroutine, the id of the greenlet there, 0 if it has none; before it calls `label`. */
  greenletIds(ids: Uint32Array): void;
  /** What runs on a coroutine, for messages about stalls: its name, and the function that begins there. */
  label(coroutine: number, name: string, entry?: unknown): void;
  /** CPU time that this thread has used, in ms. */
  cpuTime(): number;
  /** Requests under way (files, connections, thread pool …), and events that the loop has handled so far. */
  eventLoop(): [requests: number, events: number];
  /** The time of the event loop, in its only element: ms, as an int32. It moves when a turn begins and when events come. */
  readonly loopTime: Int32Array;
  /** Lets greenlets block in callbacks of the addons that are loaded by now, while those have handle scopes open. */
  patchAddons(): void;
  readonly carriesCallbackDepth: boolean;
  readonly carriesMicrotaskDepth: boolean;
  readonly carriesStringifiers: boolean;
  /** Whether switches are spared V8’s walk of the stack; they are slower where they are not. */
  readonly hidesExitFrames: boolean;
  readonly hasContinuationData: boolean;
  /** Whether code that was optimized before the engine was loaded must be discarded: see native/src/v8_features.h. */
  readonly collectsInFastCalls: boolean;
  /** One object a Node environment, whoever loads the addon. */
  readonly shared: Record<string, unknown>;
  /** Why the addon cannot run here; null if it can. */
  readonly failure: GreenletError | null;
}

/** Where a binary for this process may lie, the shipped one first. */
function candidates(directory: string): string[] {
  const { platform, arch, versions } = process;
  const shipped = `greenlets.abi${versions.modules}.glibc.node`;
  return [
    join(directory, 'prebuilds', `${platform}-${arch}`, shipped),
    join(directory, 'native', 'build', 'Release', 'greenlets.node'),
  ];
}

/** What makes a runtime with Node's ABI a different one; null for Node itself. */
function foreignRuntime(): string | null {
  const { versions, config } = process;
  const variables = config.variables as Record<string, unknown>;
  if (versions.electron !== undefined) return 'Electron';
  if (versions.bun !== undefined) return 'Bun';
  if (variables.v8_enable_pointer_compression === 1) return 'a Node built with pointer compression';
  if (variables.v8_enable_sandbox === 1) return 'a Node built with V8’s sandbox';
  return null;
}

function load(): NativeEngine {
  if (location === null) {
    throw unsupported(
      'in a bundle: the engine, a native addon, is not beside its code there. Keep this package out of the bundle ' +
        '(esbuild --external:greenlets, webpack externals) and install it beside',
    );
  }
  const { platform, arch, versions } = process;
  const runtime = foreignRuntime();
  const tried: string[] = [];
  for (const path of runtime === null ? candidates(location.directory) : []) {
    try {
      return loadAddon(path);
    } catch (error) {
      tried.push(`  ${path}: ${explain(error)}`);
    }
  }
  throw unsupported(
    `on ${runtime ?? `Node ${versions.node}`} (ABI ${versions.modules}) on ${platform}-${arch}.` +
      `${tried.length > 0 ? ` Tried:\n${tried.join('\n')}` : ''}\n` +
      'Supported: Linux with glibc, x64 and arm64, Node 20, 22, 24 and 26. To build the engine from source: ' +
      `node ${join(location.directory, 'dist', 'cli', 'greenlets.js')} build`,
  );
}

function unsupported(reason: string): GreenletError {
  return new GreenletError(`greenlets cannot run ${reason}`, 'ERR_GREENLETS_UNSUPPORTED');
}

function loadAddon(path: string): NativeEngine {
  if (!existsSync(path)) throw new Error('not there');
  return createRequire(path)(path) as NativeEngine;
}

function explain(error: unknown): string {
  const { code } = error as { code?: unknown };
  const hint =
    code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED' ? ' (start node with --allow-addons)' : '';
  return `${error instanceof Error ? error.message : String(error)}${hint}`;
}

/** Stands for the addon where there is none: every use throws why. */
function missingEngine(failure: GreenletError): NativeEngine {
  const facts: Record<string, unknown> = {
    failure,
    shared: {},
    hasContinuationData: true,
    loopTime: new Int32Array(1),
  };
  return new Proxy(facts, {
    get(_, property) {
      if (property in facts) return facts[property as string];
      throw new GreenletError(failure.message, failure.code, { cause: failure });
    },
  }) as unknown as NativeEngine;
}

/**
 * Loads the engine for this platform and Node. Importing this package works everywhere: where there is no engine, what
 * is returned throws `GreenletError` with code `ERR_GREENLETS_UNSUPPORTED` when it is used; its message tells what was
 * tried and what to do.
 */
export function loadNativeEngine(): NativeEngine {
  try {
    return load();
  } catch (error) {
    return missingEngine(error as GreenletError);
  }
}
