/**
 * What is to be done when a signal aborts, behind one listener a signal: Node warns of more than ten listeners, and needs
 * longer for each that is added or removed.
 */
interface Abortion {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const abortions = new WeakMap<AbortSignal, Abortion>();

/** Calls `callback` when `signal`, which has not aborted yet, does; first in, first out. It must not throw. */
export function onAbort(signal: AbortSignal, callback: () => void): void {
  let abortion = abortions.get(signal);
  if (abortion === undefined) {
    const callbacks = new Set<() => void>();
    abortion = { callbacks, listener: () => callbacks.forEach((call) => call()) };
    abortions.set(signal, abortion);
    signal.addEventListener('abort', abortion.listener, { once: true });
  }
  abortion.callbacks.add(callback);
}

/** Undoes `onAbort`. */
export function offAbort(signal: AbortSignal, callback: () => void): void {
  const abortion = abortions.get(signal);
  if (abortion === undefined || !abortion.callbacks.delete(callback) || abortion.callbacks.size > 0) return;
  abortions.delete(signal);
  signal.removeEventListener('abort', abortion.listener);
}
