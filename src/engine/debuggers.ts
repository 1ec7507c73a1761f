/** Tells the engine whether a debugger may be attached: see `setDebugging`. */
import { loadInspector } from '../builtins.ts';
import type { NativeEngine } from '../native.ts';
import { sessionMethods } from './own-session.ts';

/**
 * Watches for debuggers: `--inspect`, SIGUSR1, `inspector.open()`, and sessions of this thread with itself. Not seen are
 * one that was opened by this thread before, and one that a worker opens to the main thread (`connectToMainThread`).
 *
 * @param onAttached called whenever one may have come.
 * @returns whether a debugger may be attached now.
 */
export function watchDebuggers(native: NativeEngine, onAttached: () => void): boolean {
  const inspector = loadInspector();
  const sessions = new WeakSet<object>();
  let connected = 0;
  // A worker is debugged through the main thread's inspector; its arguments tell whether that was open from the start.
  let open = inspector.url() !== undefined || process.execArgv.some(isInspectOption);
  const tell = (): void => {
    const attached = open || connected > 0;
    native.setDebugging(attached, open);
    if (attached) onAttached();
  };
  tell();
  // What Node sends itself on the main thread when the inspector is opened later, for cluster's workers.
  process.on('internalMessage' as 'message', (message: unknown) => {
    if ((message as { cmd?: unknown } | null)?.cmd !== 'NODE_DEBUG_ENABLED') return;
    open = true;
    tell();
  });
  const { connect, disconnect } = sessionMethods();
  const prototype = inspector.Session.prototype as { connect: unknown; disconnect: unknown };
  prototype.connect = function (this: unknown, ...args: unknown[]) {
    Reflect.apply(connect, this, args);
    if (sessions.has(this as object)) return;
    sessions.add(this as object);
    connected++;
    tell();
  };
  prototype.disconnect = function (this: unknown, ...args: unknown[]) {
    Reflect.apply(disconnect, this, args);
    if (sessions.delete(this as object)) connected--;
    tell();
  };
  return open;
}

/** Not `--inspect-port` and the like, which every process of `node --test` is given. */
function isInspectOption(argument: string): boolean {
  return /^--inspect(-brk|-wait)?(=|$)/.test(argument);
}
