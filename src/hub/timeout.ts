import { inspect } from '../builtins.ts';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { brandError, GreenletError } from '../errors.ts';
import { assertFunction, assertMs } from './check.ts';
import { hub } from './hub.ts';
import { deliver, interruptLater } from './park.ts';
import type { TimerEntry } from './timers.ts';

/**
 * A deadline on whatever the current greenlet does: when the time is over, it is raised at the greenlet's blocking call.
 *
 * Nested timeouts are told apart by identity: `error === timeout`. One that has fired and is cancelled before the
 * greenlet runs is never delivered.
 *
 * @example
 * using deadline = Timeout.start(1000);
 * const page = get(url).text();
 */
export class Timeout extends Error implements Disposable {
  readonly code: string = 'ERR_GREENLETS_TIMEOUT';
  /** Milliseconds; null never fires. */
  readonly ms: number | null;
  readonly #error: Error | undefined;
  #alarm: Alarm | null = null;

  /**
   * @param ms how long, in milliseconds; null = never.
   * @param error an Error to raise instead; a string to be the message; false makes `Timeout.run` silent.
   * @throws {RangeError|TypeError} for bad input.
   */
  constructor(ms: number | null, error?: unknown) {
    if (ms !== null) assertMs('a timeout', ms);
    if (error !== undefined && error !== false && typeof error !== 'string' && !(error instanceof Error)) {
      throw new TypeError(`expected an Error, a message or false, got ${inspect(error)}`);
    }
    const message = typeof error === 'string' ? error : `timed out after ${ms} ms`;
    // The stack is taken when it is raised. Few ever are, and to take one costs more than all the rest.
    const { stackTraceLimit } = Error;
    Reflect.set(Error, 'stackTraceLimit', 0);
    super(message);
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
    this.ms = ms;
    this.#error = error instanceof Error ? error : undefined;
  }

  /** A started one. */
  static start(ms: number | null, error?: unknown): Timeout {
    const timeout = new Timeout(ms, error);
    timeout.start();
    return timeout;
  }

  /**
   * Runs `fn` under a timeout.
   *
   * @returns what `fn` returns; undefined if this timeout fired and `error` is false.
   */
  static run<T>(ms: number | null, fn: () => T, error?: unknown): T | undefined {
    assertFunction(fn);
    const timeout = Timeout.start(ms, error);
    try {
      return fn();
    } catch (caught) {
      if (error === false && caught === timeout) return undefined;
      throw caught;
    } finally {
      timeout.cancel();
    }
  }

  /** @internal The error of a blocking call whose own time is over; `why` says what was not done in time. */
  static expired(ms: number, why?: string): Timeout {
    const timeout = new Timeout(ms, why === undefined ? undefined : `timed out after ${ms} ms: ${why}`);
    Error.captureStackTrace(timeout, Timeout.expired);
    return timeout;
  }

  /** True from start until it fires or is cancelled. */
  get pending(): boolean {
    return this.#alarm !== null && this.#alarm.heapIndex !== -1;
  }

  /** Begins to count, for the current greenlet. @throws {GreenletError} if it is pending. */
  start(): void {
    if (this.pending) throw new GreenletError('the timeout is pending already');
    this.#alarm = new Alarm(this, engine.current as RawGreenlet);
    if (this.ms !== null && this.ms !== Number.POSITIVE_INFINITY) hub.timers.add(this.#alarm, this.ms);
  }

  /** Ends it; it may be started again. */
  cancel(): void {
    if (this.#alarm === null) return;
    hub.timers.remove(this.#alarm);
    this.#alarm = null;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  /** @internal */
  [deliver](): unknown {
    if (this.#alarm?.due !== true) return undefined;
    this.#alarm.due = false;
    if (this.#error !== undefined) return this.#error;
    Error.captureStackTrace(this, this[deliver]);
    return this;
  }
}
brandError(Timeout, 'Timeout');

/** A started timeout among the hub's timers; not the error itself, all of whose fields Node prints when nobody catches it. */
class Alarm implements TimerEntry {
  deadline = 0;
  heapIndex = -1;
  order = 0;
  /** The time is over, and the error not delivered yet. */
  due = false;
  readonly greenlet: RawGreenlet;
  readonly #timeout: Timeout;
  readonly #shieldDepth: number;

  constructor(timeout: Timeout, greenlet: RawGreenlet) {
    this.#timeout = timeout;
    this.greenlet = greenlet;
    this.#shieldDepth = greenlet.shielded;
  }

  expire(): void {
    if (this.greenlet.finished || this.greenlet === engine.main) return;
    this.due = true;
    interruptLater(this.greenlet, this.#timeout, this.#shieldDepth);
  }
}
