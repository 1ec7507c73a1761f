/**
 * Preemption: greenlets that compute take turns without a blocking call. A thread interrupts the one that has used its
 * slice up, at a place where nothing but its own code is under way, and it gives way.
 */
import { inspect } from '../builtins.ts';
import { discardOptimizedCode } from '../engine/optimized-code.ts';
import { engine } from '../engine/raw-greenlet.ts';
import { shared } from '../engine/shared.ts';
import type { Greenlet } from './greenlet.ts';

/** The slice of `preempt: true`, in ms. */
const USUAL_SLICE = 10;
/** A slice may take longer by this part of it: so often the thread looks. */
const PRECISION = 1 / 4;

/** Of all greenlets that are preempted: how many there are, and their shortest slice so far. */
const slices = shared('slices', () => ({ alive: 0, shortest: Number.POSITIVE_INFINITY }));

/**
 * The slice that the option asks for, in ms.
 *
 * @throws {TypeError|RangeError} if it is neither true nor a number from 1 to 60,000.
 * @throws {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED` if greenlets cannot be preempted here.
 */
export function checkSlice(preempt: true | number): number {
  const slice = preempt === true ? USUAL_SLICE : preempt;
  if (typeof slice !== 'number')
    throw new TypeError(`preempt must be a boolean or a number of ms, got ${inspect(preempt)}`);
  if (!(slice >= 1 && slice <= 60_000)) {
    throw new RangeError(`preempt must be 1 to 60,000 ms, got ${inspect(preempt)}`);
  }
  engine.allowPreemption(sliceOver);
  return Math.round(slice);
}

/** The running greenlet is preempted from now on. */
export function beginSlices(slice: number): void {
  slices.alive++;
  if (slice < slices.shortest) {
    slices.shortest = slice;
    engine.native.preempt(Math.max(1, Math.floor(slice * PRECISION)));
  }
  engine.native.setSlice(slice);
}

/** The running greenlet, which was preempted, has ended. */
export function endSlices(): void {
  engine.native.setSlice(0);
  if (--slices.alive > 0) return;
  slices.shortest = Number.POSITIVE_INFINITY;
  engine.native.preempt(0);
}

/** Called on the stack of the greenlet whose slice is over; true to end it by force. */
function sliceOver(): boolean {
  if (engine.current === engine.main || !engine.canLeave()) return false;
  const end = (engine.current as Greenlet).sliceOver();
  // A forced end comes at the next place where V8 looks for one: in optimized code of users that would be in the middle of
  // a function of this package, or of Node, which was inlined there.
  if (end) discardOptimizedCode();
  return end;
}
