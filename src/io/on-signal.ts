import { constants } from 'node:os';
import { spawn } from '../hub/spawn.ts';
import { describe } from './bytes.ts';

/** Signals that the system lets no process handle. */
const UNSTOPPABLE = new Set(['SIGKILL', 'SIGSTOP']);

/**
 * Runs `fn` in a greenlet of its own each time the process gets `signal`; the signal's usual effect does not take place.
 * Several may listen to one signal. A handler keeps no process alive; an error in it is reported as that of any greenlet.
 *
 * @param fn is given the signal's name.
 * @returns what ends it when disposed of; greenlets that run already go on.
 * @throws {TypeError} for an unknown name, and for SIGKILL and SIGSTOP, which cannot be handled.
 * @example
 * onSignal('SIGTERM', () => server.stop(10_000));
 */
export function onSignal(signal: NodeJS.Signals, fn: (signal: NodeJS.Signals) => unknown): Disposable {
  assertSignal(signal);
  if (typeof fn !== 'function') throw new TypeError(`expected a function, got ${describe(fn)}`);
  const listener = (): void => {
    spawn({ name: signal }, fn, signal);
  };
  process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      process.off(signal, listener);
    },
  };
}

/** @throws {TypeError} showing the value, unless it is a signal that can be handled. */
export function assertSignal(signal: NodeJS.Signals): void {
  if (!Object.hasOwn(constants.signals, signal)) throw new TypeError(`unknown signal ${describe(signal)}`);
  if (UNSTOPPABLE.has(signal)) throw new TypeError(`${signal} cannot be handled`);
}
