import type { AsyncIdentity } from './async-ids.ts';

/** Values on their way between two greenlets at a switch. */
export type Args = readonly unknown[];

/** What a stack runs for, seen by the engine: a greenlet, less its meaning. */
export interface StackOwner extends AsyncIdentity {
  /** The coroutine whose stack it runs on; 0 until it has one, and for the main greenlet. */
  coroutine: number;
  /** Frame of AsyncLocalStorage to begin with (Node 24 and later). */
  context: unknown;
  /** Bytes of stack wanted; 0 = the usual. */
  readonly stackSize: number;
  /** Milliseconds of CPU used up to the last switch, while that is measured. */
  spentCpu: number;
  /** The name it was given, for CPU profiles; undefined if none was. */
  readonly givenName: string | undefined;
  /** The function that it begins with; undefined once it runs. */
  readonly entry: unknown;
  /** Called once, on its stack: what to run. */
  takeRun(): (...args: unknown[]) => unknown;
  /** Called on its stack when that has returned or thrown; gives who runs next. */
  ended(failed: boolean, outcome: unknown): StackOwner;
  /** As `ended`, after a forced end. */
  forced(): StackOwner;
}
