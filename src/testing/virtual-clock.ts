import { inspect } from '../builtins.ts';
import { assertFunction, assertMs, assertOptions } from '../hub/check.ts';
import { hub } from '../hub/hub.ts';
import type { Clock } from '../hub/timers.ts';
import { type IdleWaiter, stopWaitingForIdle, whenIdle } from './idle.ts';
import { virtualizeNode } from './node-timers.ts';
import { runAnywhere } from './run-anywhere.ts';
import { expireBackground, makeVirtual, nextInBackground } from './virtual-timeout.ts';

/** See `VirtualClock`. */
export interface VirtualClockOptions {
  /** What `Date` says at the start; the real date by default. */
  date?: Date | number;
  /** False: time stands still except for `advance()`. */
  autoJump?: boolean;
  /** Milliseconds of real time for which nothing may happen before time jumps; for tests that wait for something outside
   *  the process, which the clock cannot see. */
  quiet?: number;
}

let installed: VirtualClock | null = null;

/** The clock that is in force, or null. */
export function installedClock(): VirtualClock | null {
  return installed;
}

/**
 * Time for tests: it stands still while anything runs, and jumps to the next timer when every greenlet is blocked and
 * nothing goes on in the event loop. Minutes of a program pass in milliseconds, in exactly the order of its timers.
 *
 * While it is installed, which it is from its construction, it rules `sleep`, every `timeout`, `Timeout`, `spawnLater`,
 * Node's `setTimeout`, `setInterval`, `node:timers`, `node:timers/promises`, `AbortSignal.timeout`, `Date` and
 * `performance.now()`. Timers inside Node (socket and server timeouts) stay real. Timers that were pending keep the
 * time they had left, both at installation and at removal. Only one clock is installed at a time: a new one takes over.
 *
 * @example
 * using clock = new VirtualClock();
 * sleep(60_000); // returns at once
 * assert.equal(clock.now(), 60_000);
 */
export class VirtualClock implements Disposable {
  #now = 0;
  #deadline = Number.POSITIVE_INFINITY;
  #wake: () => void = nothing;
  readonly #clock: Clock = {
    now: () => this.#now,
    arm: (deadline, wake) => {
      this.#deadline = deadline;
      this.#wake = wake;
      this.#watch();
    },
    disarm: () => this.#disarm(),
  };
  readonly #start: number;
  readonly #autoJump: boolean;
  readonly #idleWaiter: IdleWaiter;
  #systemClock: Clock | null = null;
  #restoreNode: () => void = nothing;

  /** @throws {TypeError|RangeError} for bad options. */
  constructor(options: VirtualClockOptions = {}) {
    assertOptions(options);
    const { date = Date.now(), autoJump = true, quiet = 0 } = options;
    const start = timeOf(date);
    assertMs('quiet', quiet);
    this.#autoJump = autoJump;
    this.#idleWaiter = { rank: 1, quiet, onIdle: () => this.#onIdle() };
    this.#start = start;
    this.install();
  }

  /** Milliseconds that have passed on this clock since its construction. */
  now(): number {
    return this.#now;
  }

  /** Puts it in force; a new clock is so already. Takes over from another one. */
  install(): void {
    if (installed === this) return;
    installed?.uninstall();
    installed = this;
    this.#systemClock = hub.timers.clock;
    hub.timers.clock = this.#clock;
    makeVirtual(true, this.#now);
    this.#restoreNode = virtualizeNode(() => this.#now, this.#start);
  }

  /** Gives real time back. Nothing happens if it is not installed. */
  uninstall(): void {
    if (installed !== this) return;
    installed = null;
    this.#restoreNode();
    stopWaitingForIdle(this.#idleWaiter);
    makeVirtual(false, this.#now);
    hub.timers.clock = this.#systemClock as Clock;
  }

  [Symbol.dispose](): void {
    this.uninstall();
  }

  /**
   * Runs `fn` under this clock, and uninstalls it.
   *
   * @returns what `fn` returns; on the main stack, where nothing can block, a promise of it: `fn` runs in a greenlet then.
   */
  run<T>(fn: () => T): T | Promise<Awaited<T>> {
    assertFunction(fn);
    this.install();
    return runAnywhere(fn, () => this.uninstall());
  }

  /**
   * Moves time on by `ms` milliseconds at once. What is due meanwhile expires in order; the greenlets that it wakes run
   * after this call, so a timer that they would start is not part of it.
   */
  advance(ms: number): void {
    assertMs('the step', ms);
    if (ms === Number.POSITIVE_INFINITY) throw new RangeError('time cannot move on for ever, got Infinity');
    const end = this.#now + ms;
    for (let next = this.#next(); next <= end; next = this.#next()) this.#jumpTo(next);
    this.#now = end;
  }

  #disarm(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#wake = nothing;
  }

  #watch(): void {
    if (this.#autoJump && installed === this && this.#deadline !== Number.POSITIVE_INFINITY) whenIdle(this.#idleWaiter);
  }

  #onIdle(): void {
    if (this.#deadline !== Number.POSITIVE_INFINITY) this.#jumpTo(this.#next());
    this.#watch();
  }

  /** When the next timer is due. Alone, those in the background are no reason for time to pass; see `#watch`. */
  #next(): number {
    return Math.min(this.#deadline, nextInBackground());
  }

  #jumpTo(time: number): void {
    this.#now = Math.max(this.#now, time);
    expireBackground(this.#now);
    if (this.#deadline > this.#now) return;
    const wake = this.#wake;
    this.#disarm();
    wake();
  }
}

/** Milliseconds of `date` since 1970. @throws {TypeError|RangeError} showing it. */
function timeOf(date: Date | number): number {
  if (typeof date !== 'number' && !(date instanceof Date)) {
    throw new TypeError(`date must be a Date or a number of ms, got ${inspect(date)}`);
  }
  const time = new Date(date).getTime();
  if (Number.isNaN(time)) throw new RangeError(`date must be a valid date, got ${String(date)}`);
  return time;
}

function nothing(): void {}
