import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GreenletError } from './errors.ts';

/** The engine as the addon gives it: coroutines with stacks of their own, by number; 0 is the main stack. */
export interface NativeEngine {
  /** A new coroutine that will call `entry`, which returns the one to go on with; 0 when memory is short. */
  create(entry: () => number, stackSize: number): number;
  /** Suspends the running stack, resumes `coroutine`; false if the running stack must not be left now. */
  transfer(coroutine: number): boolean;
  /** An Error whose trace is the stack of a suspended coroutine; undefined if it is not suspended. */
  traceOf(coroutine: number): Error | undefined;
  /** The coroutine is ended by a termination when it is resumed next. */
  unwind(coroutine: number): void;
  /** False while promise jobs run on the coroutine's own stack. */
  canLeave(): boolean;
  /** The current frame of AsyncLocalStorage (Node 24 and later), an opaque value. */
  getContext(): unknown;
  setContext(context: unknown): void;
  /** Gives unused memory of suspended stacks back. */
  trim(): void;
  /** Called on a coroutine's stack after it was unwound; returns the coroutine to go on with. */
  onForcedEnd(callback: () => number): void;
  /** Whether an inspector session is open: stepping must be cleared at each switch then. */
  setDebugging(open: boolean): void;
  /** Bytes mapped for stacks, and stacks in use. */
  stacks(): [mapped: number, inUse: number];
  /** CPU time that this thread has used, in ms. */
  cpuTime(): number;
  /** Requests under way (files, connections, thread pool …), and events that the loop has handled so far. */
  eventLoop(): [requests: number, events: number];
  readonly carriesCallbackDepth: boolean;
  readonly carriesMicrotaskDepth: boolean;
  readonly carriesStringifiers: boolean;
  readonly hasContinuationData: boolean;
  /** One object a Node environment, whoever loads the addon. */
  readonly shared: Record<string, unknown>;
}

/** Where a binary for this process may lie, the shipped one first. */
function candidates(): string[] {
  const { platform, arch, versions } = process;
  const file = `greenlets.abi${versions.modules}.glibc.node`;
  return [`../prebuilds/${platform}-${arch}/${file}`, '../native/build/Release/greenlets.node'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
}

/**
 * Loads the engine for this platform and Node.
 *
 * @throws {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED`; its message tells what was tried and what to do.
 */
export function loadNativeEngine(): NativeEngine {
  const { platform, arch, versions } = process;
  const here = `Node ${versions.node} (ABI ${versions.modules}) on ${platform}-${arch}`;
  const require = createRequire(import.meta.url);
  const failures: string[] = [];
  for (const path of candidates()) {
    if (!existsSync(path)) {
      failures.push(`  ${path}: not there`);
      continue;
    }
    try {
      return require(path) as NativeEngine;
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      const hint =
        code === 'ERR_DLOPEN_DISABLED' || code === 'ERR_ACCESS_DENIED' ? ' (start node with --allow-addons)' : '';
      failures.push(`  ${path}: ${error instanceof Error ? error.message : String(error)}${hint}`);
    }
  }
  throw new GreenletError(
    `greenlets cannot run on ${here}. Tried:\n${failures.join('\n')}\n` +
      'Supported: Linux with glibc, x64 and arm64, Node 20, 22, 24 and 26. To build the engine from source: ' +
      'npm explore greenlets -- npm run build:native',
    'ERR_GREENLETS_UNSUPPORTED',
  );
}
