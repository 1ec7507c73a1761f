/** How a greenlet is started, and how it is ended. */
import { inspect } from '../builtins.ts';
import type { TimeoutLike } from './park.ts';

/** How to end a greenlet. */
export interface KillOptions {
  /** Wait until it has ended (the default). */
  block?: boolean;
  /** How long to wait, in ms, or a signal. */
  timeout?: TimeoutLike;
  /** Raise the error again at every blocking call until it has ended. */
  persistent?: boolean;
  /** End it by V8's termination: none of its `catch` and `finally` blocks runs. */
  hard?: boolean;
}

/** How to start a greenlet. */
export interface SpawnOptions {
  name?: string;
  /** Kills the greenlet with its reason when it aborts. */
  signal?: AbortSignal;
  /** Bytes of stack, 256 KB to 64 MB; 512 KB by default. */
  stackSize?: number;
  /**
   * Interrupts code that computes after so many ms, so that others run: at any place of it, without a blocking call.
   * What it shares with others needs a lock then. True = 10 ms.
   */
  preempt?: boolean | number;
}

const LEAST_STACK = 256 * 1024;
const MOST_STACK = 64 * 1024 * 1024;

/** @throws {TypeError|RangeError} if `size` is no number of bytes that a stack may have. */
export function checkStackSize(size: number): number {
  if (typeof size !== 'number') throw new TypeError(`stackSize must be a number of bytes, got ${inspect(size)}`);
  if (!Number.isInteger(size) || size < LEAST_STACK || size > MOST_STACK) {
    throw new RangeError(`stackSize must be ${LEAST_STACK} to ${MOST_STACK} bytes, got ${size}`);
  }
  return size;
}
