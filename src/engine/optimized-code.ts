/**
 * V8's optimized loops handle interrupts on the promise that these write nothing to the heap: they go on with what they
 * have loaded before, the length of an array, the place of its elements. JavaScript that runs in an interrupt breaks that
 * promise, and there are two remedies. Where it happens once, all optimized code is thrown away: the loop goes on in code
 * that assumes nothing. Where it happens all the time, V8 does without the optimizations that build on the promise.
 *
 * Optimized code is thrown away before the first greenlet, too: it may make fast API calls, see native/src/v8_features.h.
 */
import type { Session } from 'node:inspector';
import { GreenletError } from '../errors.ts';
import type { NativeEngine } from '../native.ts';
import { withOwnSession } from './own-session.ts';

const { setTimeout } = globalThis;

/** V8 has ended every compilation that was under way after so long, in ms. */
const LONGEST_COMPILATION = 500;
/** Coverage counts in the code that would be thrown away. */
const covered = process.env.NODE_V8_COVERAGE !== undefined;

let given = false;

/**
 * Makes loops safe to be preempted, in the whole process; code that computes becomes slower by it.
 *
 * @throws {GreenletError} as `discardOptimizedCode`.
 */
export function giveUpLoopAssumptions(native: NativeEngine): void {
  if (given) return;
  discardOptimizedCode();
  native.giveUpLoopAssumptions();
  discardOptimizedCode();
  setTimeout(discardOptimizedCode, LONGEST_COMPILATION).unref(); // what was being compiled just now
  given = true;
}

/**
 * Code that is running goes on unoptimized. Functions that were inlined in others begin where they are called again.
 *
 * @throws {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED` where the inspector is not to be had (`--permission`).
 */
export function discardOptimizedCode(): void {
  if (covered) return;
  inOwnSession((session) => {
    session.post('Profiler.enable');
    // V8 throws all optimized code away when precise coverage begins.
    session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: false });
    session.post('Profiler.stopPreciseCoverage');
    session.post('Profiler.disable');
  });
}

/** As `discardOptimizedCode`; nothing happens where the inspector is not to be had. */
export function discardIfPossible(): void {
  try {
    discardOptimizedCode();
  } catch {
    // What was optimized so far stays.
  }
}

/** @throws {GreenletError} if `discardOptimizedCode` would. */
export function assertCanDiscard(): void {
  inOwnSession(() => {});
}

function inOwnSession(use: (session: Session) => void): void {
  try {
    withOwnSession(use);
  } catch (cause) {
    const message = 'JavaScript cannot be interrupted here: Node refuses the inspector';
    throw new GreenletError(message, 'ERR_GREENLETS_UNSUPPORTED', { cause });
  }
}
