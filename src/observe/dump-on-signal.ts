import { assertSignal } from '../io/on-signal.ts';
import { formatRunInfo } from './format-run-info.ts';

/**
 * Prints `formatRunInfo()` to stderr whenever the process gets `signal`. On its own it keeps no process alive. It cannot
 * print while something hogs the event loop; that is for `startMonitor`.
 *
 * @returns what ends it.
 * @throws {TypeError} for an unknown name, and for SIGKILL and SIGSTOP, which cannot be handled.
 */
export function dumpOnSignal(signal: NodeJS.Signals = 'SIGUSR2'): Disposable {
  assertSignal(signal);
  const dump = (): void => {
    process.stderr.write(`${formatRunInfo()}\n`);
  };
  process.on(signal, dump);
  return { [Symbol.dispose]: () => void process.off(signal, dump) };
}
