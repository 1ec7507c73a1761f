/**
 * Tells who hogs the event loop, while it does. A thread watches for a stretch without a switch, and interrupts it: the
 * report is made on the stack of the hog, as the event loop would make it. While native code runs no JavaScript can: then
 * the thread says on stderr at once what it knows, and the report follows when the call returns.
 */
import { inspect } from 'node:util';
import { assertCanDiscard, discardOptimizedCode } from '../engine/optimized-code.ts';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import type { StackOwner } from '../engine/stack-owner.ts';
import { captureDeep, foreignStack } from '../engine/stack-text.ts';
import { GreenletError } from '../errors.ts';
import { assertOptions } from '../hub/check.ts';
import { duration, nameOf } from '../hub/describe.ts';
import { hub } from '../hub/hub.ts';
import type { NativeEngine } from '../native.ts';
import { blockedChannel } from './channels.ts';
import { type MemoryReport, MemoryWatch } from './memory-watch.ts';
import { printable } from './printable.ts';

/** What a monitor tells of somebody who has hogged the event loop. */
export interface BlockedReport {
  /** Who runs; the main greenlet for code on the event loop's own stack. Undefined if it ran to its end meanwhile. */
  greenlet: RawGreenlet | undefined;
  name: string;
  /** Milliseconds without a switch so far. */
  blockedFor: number;
  /** Where it is, as an `Error.stack`; just the first line if that was not to be seen. */
  stack: string;
  /** True if it was in native code, and the report comes after it has gone on. */
  ended: boolean;
}

/** See `startMonitor`. */
export interface MonitorOptions {
  /** Longest stretch without a switch, in ms; 100 by default. */
  maxBlocking?: number;
  /** How often to look, in ms; a quarter of `maxBlocking` by default. */
  interval?: number;
  /** Bytes of resident memory beyond which `onMemory` is called. */
  memoryLimit?: number;
  /**
   * Called once for each stretch, on the hog's stack, while it still runs. It cannot block. It may kill the greenlet:
   * a preemptible one ends soon, others at their next blocking call. By default the report goes to stderr.
   */
  onBlocked?: (report: BlockedReport) => void;
  /** Called while memory grows beyond the limit, and once when it is below again. By default that goes to stderr. */
  onMemory?: (report: MemoryReport) => void;
}

/** A running monitor. */
export interface Monitor extends Disposable {
  /** How often the event loop was blocked since the start. */
  readonly blocked: number;
  stop(): void;
}

/** The share of `maxBlocking` in which the thread looks once. */
const PRECISION = 1 / 4;
/** Greenlets on coroutines beyond that are not told apart. Of an array only what was written takes memory. */
const MOST_COROUTINES = 256 * 1024;

let running: RunningMonitor | null = null;

/**
 * Starts to watch the event loop of this thread, from a thread of its own. Subscribers of `greenlets:blocked` get the
 * reports, too. One monitor runs at a time: a new one takes over.
 *
 * @throws {RangeError|TypeError} for bad options; {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED` if this build of
 * Node cannot be interrupted.
 * @example
 * startMonitor({ maxBlocking: 50, onBlocked: ({ name, stack }) => log.warn(`${name} hogs the loop`, stack) });
 */
export function startMonitor(options: MonitorOptions = {}): Monitor {
  const monitor = new RunningMonitor(options);
  running?.stop();
  monitor.start();
  running = monitor;
  return monitor;
}

class RunningMonitor implements Monitor {
  readonly #maxBlocking: number;
  readonly #interval: number;
  readonly #onBlocked: (report: BlockedReport) => void;
  readonly #memory: MemoryWatch | null;
  blocked = 0;

  constructor(options: MonitorOptions) {
    assertOptions(options);
    const { maxBlocking = 100, interval, memoryLimit, onBlocked = print, onMemory } = options;
    this.#maxBlocking = checkMs('maxBlocking', maxBlocking);
    this.#interval = interval === undefined ? Math.max(1, maxBlocking * PRECISION) : checkMs('interval', interval);
    if (typeof onBlocked !== 'function') throw new TypeError(`onBlocked must be a function, got ${inspect(onBlocked)}`);
    this.#onBlocked = onBlocked;
    this.#memory = memoryLimit === undefined ? null : new MemoryWatch(memoryLimit, interval, onMemory);
  }

  start(): void {
    assertCanDiscard();
    const { interrupts, native } = engine;
    interrupts.onStalled = (...stall) => this.#tell(...stall);
    if (!native.watch(Math.ceil(this.#maxBlocking), Math.ceil(this.#interval))) {
      throw new GreenletError('no memory for a monitor', 'ERR_GREENLETS_UNSUPPORTED');
    }
    const label = labeller(native);
    engine.onBegin = label;
    for (const owner of engine.owners()) label(owner);
    this.#memory?.start();
  }

  stop(): void {
    if (running !== this) return;
    running = null;
    engine.native.watch(0, 0);
    engine.onBegin = null;
    this.#memory?.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #tell(trace: Error | undefined, blockedFor: number, coroutine: number, label: string, ended: boolean): void {
    const owner = (ended ? engine.ownerOf(coroutine) : engine.current) as RawGreenlet | undefined;
    const greenlet = owner === engine.main || (owner !== undefined && nameOf(owner) === label) ? owner : undefined;
    const name = greenlet === undefined ? label : nameOf(greenlet);
    const seen = trace ?? (ended ? undefined : captureDeep(() => new Error()));
    const stack = seen === undefined ? 'Error' : foreignStack(seen);
    this.blocked++;
    if (!ended) discardOptimizedCode(); // what is called may change whatever the hog walks through
    const report = { greenlet, name, blockedFor, stack, ended };
    engine.asMain('cannot block in the callback of a monitor', () => {
      try {
        if (blockedChannel.hasSubscribers) blockedChannel.publish(report);
        this.#onBlocked(report);
      } catch (error) {
        setImmediate(() => {
          throw error;
        });
      }
    });
  }
}

/**
 * Tells the watchdog who begins to run: by a number, which costs next to nothing; by name, where there is one; and of a
 * few where their function stands, since servers start a greenlet a request.
 */
function labeller(native: NativeEngine): (owner: StackOwner) => void {
  const ids = new Uint32Array(MOST_COROUTINES);
  native.greenletIds(ids);
  let labelledAt = 0;
  return (owner) => {
    const { id = 0 } = owner as { id?: number };
    ids[owner.coroutine] = id;
    if (id !== 0 && owner.givenName === undefined && hub.time === labelledAt) return;
    labelledAt = hub.time;
    native.label(owner.coroutine, nameOf(owner as RawGreenlet), owner.entry);
  };
}

function print({ name, blockedFor, stack, ended }: BlockedReport): void {
  const how = ended
    ? `has blocked the event loop for ${duration(blockedFor)}`
    : `blocks the event loop, for ${duration(blockedFor)} so far`;
  process.stderr.write(`greenlets: ${printable(name)} ${how}\n${frames(stack)}`);
}

function frames(stack: string): string {
  return stack
    .split('\n')
    .slice(1)
    .map((line) => `${line}\n`)
    .join('');
}

function checkMs(name: string, ms: unknown): number {
  if (typeof ms !== 'number') throw new TypeError(`${name} must be a number of ms, got ${inspect(ms)}`);
  if (!(ms >= 1 && ms < 2 ** 31)) throw new RangeError(`${name} must be 1 ms or more, got ${inspect(ms)}`);
  return ms;
}
