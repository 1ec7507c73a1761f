/**
 * `park`: the only way in which anything blocks.
 *
 * Delivery of errors from outside (kill, throw, Timeout): raised where the greenlet is blocked, or else at entry of its
 * next blocking call, before that has any effect. A call that returns has had its full effect, a call that raises has
 * had none.
 */

import { inspect } from '../builtins.ts';
import { engine, RawGreenlet } from '../engine/raw-greenlet.ts';
import { BlockingSwitchOutError } from '../errors.ts';
import { offAbort, onAbort } from './abort.ts';
import { hub } from './hub.ts';
import { EXPIRED, Waiter, type WaitSource } from './waiter.ts';

/** Milliseconds; omitted or null = for ever; 0 = do not wait; a signal ends the wait with its reason. */
export type TimeoutLike = number | null | undefined | AbortSignal;

/** Key of the method of a `Deliverable`. */
export const deliver: unique symbol = Symbol('deliver');

/** An error on its way to a greenlet that says itself whether it still is due, and prepares to be thrown. */
export interface Deliverable {
  /** The error to raise now; undefined if it was withdrawn. */
  [deliver](): unknown;
}

/** How long a blocking call may take: ms (Infinity = for ever, 0 = it must not wait), or until a signal aborts. */
export type Limit = number | AbortSignal;

/** A timeout as a limit. @throws {RangeError|TypeError} for bad input. */
export function checkTimeout(timeout: TimeoutLike): Limit {
  if (timeout === undefined || timeout === null) return Number.POSITIVE_INFINITY;
  if (typeof timeout === 'number') {
    if (!(timeout >= 0)) throw new RangeError(`a timeout must be a number of ms, 0 or more, got ${timeout}`);
    return timeout;
  }
  if (timeout instanceof AbortSignal) return timeout;
  throw new TypeError(`a timeout must be a number of ms, null or an AbortSignal, got ${inspect(timeout)}`);
}

/**
 * Begins a blocking call: nothing of it has happened yet. A limit of 0 makes it no delivery point.
 *
 * @throws {RangeError|TypeError} for a bad timeout; the reason of an aborted signal; an error that waits for the
 * current greenlet.
 */
export function enter(timeout?: TimeoutLike): Limit {
  if (timeout === undefined) {
    checkpoint();
    return Number.POSITIVE_INFINITY;
  }
  const limit = checkTimeout(timeout);
  if (limit === 0) return limit;
  if (typeof limit === 'object' && limit.aborted) throw limit.reason;
  checkpoint();
  return limit;
}

/** Raises the first error that waits for the current greenlet. Every blocking call begins with it. */
export function checkpoint(): void {
  const { pending } = engine.current as RawGreenlet;
  if (pending !== null) raisePending(engine.current as RawGreenlet);
}

/** Raises the first of the greenlet's pending errors that is still due. */
export function raisePending(greenlet: RawGreenlet): void {
  const error = takePending(greenlet);
  if (error !== undefined) throw error;
}

function takePending(greenlet: RawGreenlet): unknown {
  const { pending } = greenlet;
  while (pending !== null && pending.length > 0) {
    const first = pending.shift();
    if (pending.length === 0) greenlet.pending = null;
    const error = isDeliverable(first) ? first[deliver]() : first;
    if (error !== undefined) return error;
  }
  return undefined;
}

function isDeliverable(value: unknown): value is Deliverable {
  return typeof (value as Partial<Deliverable> | null)?.[deliver] === 'function';
}

/** Throws unless the running stack can be suspended now. */
export function assertCanBlock(): void {
  if (engine.current === engine.main) {
    throw new BlockingSwitchOutError(
      'cannot block on the event loop’s own stack: nothing would run meanwhile. Start a greenlet with spawn() or ' +
        'run(), wrap the callback in toAsync(), or run the program with `greenlets app.ts`',
    );
  }
  engine.assertCanLeave();
}

/**
 * Suspends the current greenlet until `source` wakes it.
 *
 * @returns the value it was woken with, or `EXPIRED` when `timeout` has run out first; nothing is left of the wait then.
 * @throws the error it was woken with; an error from outside; the reason of an aborted signal; BlockingSwitchOutError
 * where nothing can be suspended, unless the source is ready.
 */
export function park<T>(source: WaitSource, timeout?: TimeoutLike): T | typeof EXPIRED {
  return parkUntil(source, enter(timeout));
}

/**
 * As `park`, after `enter`.
 *
 * @param item what the waiter brings, see `QueueNode.item`.
 */
export function parkUntil<T>(source: WaitSource, limit: Limit, item?: unknown): T | typeof EXPIRED {
  const greenlet = engine.current as RawGreenlet;
  const waiter = new Waiter(greenlet, source, item);
  if (limit === 0) return poll(waiter);
  if (engine.current === engine.main || engine.forbidden !== null) return pollOrRefuse(waiter);
  engine.assertCanLeave();
  if (typeof limit === 'object') return parkWithSignal(waiter, limit);
  source.register(waiter);
  if (limit !== Number.POSITIVE_INFINITY && waiter.state === 'waiting') hub.timers.add(waiter, limit);
  suspend(waiter);
  return finish(waiter);
}

/** Outcome of a wait that was cut short by one of several errors: the first that is still due is raised. */
const PENDING: unique symbol = Symbol('pending');

/** What the source gives without waiting, else `EXPIRED`. */
function poll<T>(waiter: Waiter): T | typeof EXPIRED {
  waiter.source.register(waiter);
  waiter.expire();
  return finish(waiter);
}

/** Where nothing can be suspended, a call that need not wait still works. */
function pollOrRefuse<T>(waiter: Waiter): T {
  const outcome = poll<T>(waiter);
  if (outcome !== EXPIRED) return outcome;
  assertCanBlock();
  throw new BlockingSwitchOutError('cannot block here'); // not reached: one of the two reasons holds
}

function parkWithSignal<T>(waiter: Waiter, signal: AbortSignal): T | typeof EXPIRED {
  const giveUp = (): void => {
    waiter.cancel(signal.reason);
  };
  onAbort(signal, giveUp);
  try {
    waiter.source.register(waiter);
    suspend(waiter);
    return finish(waiter);
  } finally {
    offAbort(signal, giveUp);
  }
}

/** Stays away until the waiter is served. If nothing served it, a Timeout has fired; its error is raised if still due. */
function suspend(waiter: Waiter): void {
  const { greenlet } = waiter;
  greenlet.waiter = waiter;
  try {
    while (waiter.state === 'waiting') {
      hub.switchOut();
      if (waiter.state === 'waiting') raisePending(greenlet);
    }
  } finally {
    greenlet.waiter = null;
    if (waiter.state === 'waiting') {
      waiter.source.unregister(waiter);
      waiter.state = 'expired';
      if (waiter.heapIndex !== -1) hub.timers.remove(waiter);
    }
  }
}

function finish<T>(waiter: Waiter): T | typeof EXPIRED {
  if (waiter.state === 'failed') {
    if (waiter.outcome === PENDING) raisePending(waiter.greenlet);
    throw waiter.outcome;
  }
  return waiter.outcome as T | typeof EXPIRED;
}

/** Lets every other ready greenlet run first. */
export function yieldToOthers(): void {
  checkpoint();
  assertCanBlock();
  if (hub.nobodyElseIsReady()) return;
  const greenlet = engine.current as RawGreenlet;
  hub.makeReady(greenlet);
  hub.switchOut();
  raisePending(greenlet);
}

/** Waits for nothing: only time or an error from outside ends it. */
export const NEVER: WaitSource = {
  register(): void {},
  unregister(): void {},
};

/** Raises `error` in `greenlet`: where it is parked, else at its next blocking call; after those that wait already. */
export function interrupt(greenlet: RawGreenlet, error: unknown): void {
  if (greenlet.shielded > 0) (greenlet.withheld ??= []).push(error);
  else if (!cutShort(greenlet, error)) queueForGood(greenlet, error);
}

/** Raised at every blocking call of a greenlet until it is withdrawn. Who catches it in a loop still lets others run. */
export class PersistentError implements Deliverable {
  readonly error: unknown;
  readonly #greenlet: RawGreenlet;
  #due = true;
  #raised = false;

  constructor(greenlet: RawGreenlet, error: unknown) {
    this.#greenlet = greenlet;
    this.error = error;
  }

  [deliver](): unknown {
    if (!this.#due) return undefined;
    queueError(this.#greenlet, this);
    if (this.#raised) giveWay(this.#greenlet);
    this.#raised = true;
    return this.error;
  }
  withdraw(): void {
    this.#due = false;
  }
}

/** Lets others run, and the event loop when it is its turn, if the running stack can be left. */
function giveWay(greenlet: RawGreenlet): void {
  if (greenlet === engine.main || engine.forbidden !== null || !engine.native.canLeave()) return;
  hub.makeReady(greenlet);
  hub.switchOut();
}

/** As `interrupt`, and again at every blocking call until the greenlet has ended. */
export function interruptAlways(greenlet: RawGreenlet, error: unknown): void {
  const again = new PersistentError(greenlet, error);
  if (greenlet.shielded > 0) {
    (greenlet.withheld ??= []).push(again);
    return;
  }
  if (cutShort(greenlet, error)) queueError(greenlet, again);
  else queueForGood(greenlet, again);
}

/**
 * As `interrupt`, for an error that may still be withdrawn: a parked greenlet keeps its place until it runs.
 *
 * @param depth depth of `shield` at which the error was asked for; it passes only shields entered before.
 */
export function interruptLater(greenlet: RawGreenlet, error: Deliverable, depth: number): void {
  if (greenlet.shielded > depth) (greenlet.withheld ??= []).push(error);
  else queueError(greenlet, error);
}

/** Ends the wait of a parked greenlet with `error`; false if it is not parked, or other errors wait for it already. */
function cutShort(greenlet: RawGreenlet, error: unknown): boolean {
  return greenlet.pending === null && (greenlet.waiter as Waiter | null)?.cancel(error) === true;
}

/** As `queueError`, for an error that cannot be withdrawn: nothing is handed to the greenlet any more. */
function queueForGood(greenlet: RawGreenlet, error: unknown): void {
  queueError(greenlet, error);
  (greenlet.waiter as Waiter | null)?.cancel(PENDING);
}

function queueError(greenlet: RawGreenlet, error: unknown): void {
  (greenlet.pending ??= []).push(error);
  const waiter = greenlet.waiter as Waiter | null;
  if (waiter?.state === 'waiting') hub.makeReady(greenlet);
  else if (isSuspendedByHand(greenlet)) hub.schedule(() => throwIntoSuspended(greenlet));
}

/** True if it waits in a `switch()` of its own, where the hub does not see it. */
function isSuspendedByHand(greenlet: RawGreenlet): boolean {
  return (
    greenlet.begun && !greenlet.finished && greenlet.waiter === null && !greenlet.queued && greenlet !== engine.current
  );
}

function throwIntoSuspended(greenlet: RawGreenlet): void {
  if (!isSuspendedByHand(greenlet)) return; // it has been switched to: the error comes at its next blocking call
  const error = takePending(greenlet);
  if (error !== undefined) RawGreenlet.prototype.throw.call(greenlet, error);
}

export { EXPIRED };
