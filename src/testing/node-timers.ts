/**
 * Node's timers and clocks under a virtual clock. The timers stand in the hub's heap, so that all timers of a program
 * expire in one order; a library for fake timers has a heap of its own, and does not know that an unref'd timer is no
 * reason for time to pass.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { assertMs } from '../hub/check.ts';
import { Patches } from './patch.ts';
import { findVirtualTimeout, VirtualTimeout } from './virtual-timeout.ts';

const require = createRequire(import.meta.url);
// The modules as objects: what importers see follows them, see `syncBuiltinESMExports`.
const timersModule = require('node:timers') as Record<string, unknown>;
const timersPromises = require('node:timers/promises') as Record<string, unknown>;
const { clearTimeout: realClear, Date: RealDate } = globalThis;

type Callback = (...args: unknown[]) => unknown;
interface WaitOptions {
  signal?: AbortSignal;
  ref?: boolean;
}

function setTimeout(callback: Callback, delay?: unknown, ...args: unknown[]): VirtualTimeout {
  return new VirtualTimeout(callback, delay, args, false);
}

function setInterval(callback: Callback, delay?: unknown, ...args: unknown[]): VirtualTimeout {
  return new VirtualTimeout(callback, delay, args, true);
}

/** Clears a virtual timer, or a real one from before. */
function clearTimeout(handle: unknown): void {
  const timer = findVirtualTimeout(handle);
  if (timer === undefined) realClear(handle as NodeJS.Timeout);
  else timer.close();
}

/** As `setTimeout` of `node:timers/promises`. */
function delay<T>(ms?: unknown, value?: T, options: WaitOptions = {}): Promise<T> {
  const { signal, ref = true } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const onAbort = (): void => {
      timer.close();
      reject(abortError(signal as AbortSignal));
    };
    signal?.addEventListener('abort', onAbort, { once: true }); // first: it throws for what is no signal
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value as T);
    }, ms);
    if (!ref) timer.unref();
  });
}

/** As `setInterval` of `node:timers/promises`. */
async function* ticks<T>(ms?: unknown, value?: T, options: WaitOptions = {}): AsyncGenerator<T> {
  for (;;) {
    await delay(ms, undefined, options);
    yield value as T;
  }
}

function abortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

/** As `AbortSignal.timeout`; unlike Node's it is a reason for time to pass: else nothing would wake who waits for it. */
function abortAfter(ms: number): AbortSignal {
  assertMs('delay', ms);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms);
  return controller.signal;
}

Object.defineProperty(setTimeout, promisify.custom, { get: () => delay });

/** `Date` that takes the present from `now`. */
function virtualDate(now: () => number): DateConstructor {
  return new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

/**
 * Puts virtual timers and clocks into Node.
 *
 * @param now milliseconds that have passed on the clock.
 * @param start what `Date` said at its start.
 * @returns what puts Node's own back.
 */
export function virtualizeNode(now: () => number, start: number): () => void {
  const patches = new Patches();
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval: clearTimeout };
  for (const [name, replacement] of Object.entries(timers)) {
    patches.replace(globalThis, name, replacement);
    patches.replace(timersModule, name, replacement);
  }
  patches.replace(timersPromises, 'setTimeout', delay);
  patches.replace(timersPromises, 'setInterval', ticks);
  patches.replace(timersPromises.scheduler as object, 'wait', (ms: unknown, options?: WaitOptions) =>
    delay(ms, undefined, options),
  );
  patches.replace(AbortSignal, 'timeout', abortAfter);
  patches.replace(
    globalThis,
    'Date',
    virtualDate(() => start + Math.floor(now())),
  );
  const origin = performance.now();
  patches.replace(performance, 'now', () => origin + now());
  syncBuiltinESMExports();
  return () => {
    patches.restore();
    syncBuiltinESMExports();
  };
}
