/** How a synchronous call of Node suspends the greenlet that makes it: its asynchronous counterpart is waited for. */
import { engine } from '../../engine/raw-greenlet.ts';
import { assertCanBlock, checkpoint, park } from '../../hub/park.ts';
import type { QueueNode } from '../../hub/wait-queue.ts';
import type { WaitSource } from '../../hub/waiter.ts';
import { framesAbove, setStack, splitStack } from '../stack-text.ts';

// biome-ignore lint/suspicious/noExplicitAny: any function of Node
export type AnyFunction = (this: any, ...args: any[]) => any;

/** The call itself has failed: not a kill or a timeout that cut it short. */
export class CallFailure {
  readonly reason: unknown;
  /** The original is to be called then: it says best what is wrong, or has a result by now. */
  readonly askOriginal: boolean;
  constructor(reason: unknown, askOriginal: boolean) {
    this.reason = reason;
    this.askOriginal = askOriginal;
  }
}

/** Ends a suspending call by letting the original do it. */
export function leaveToOriginal(): never {
  throw new CallFailure(undefined, true);
}

/** Whether `replacement`, just called, may suspend; else the original has to do. */
export function canSuspend(replacement: AnyFunction): boolean {
  if (engine.current === engine.main || !engine.native.canLeave()) return false;
  try {
    assertCanBlock(); // not in noSwitch(), under a vm time limit, or while the process exits
  } catch {
    return false;
  }
  return !calledByNode(replacement);
}

/**
 * Node itself calls functions that can be replaced, and expects nobody to run meanwhile: its module loader, the console
 * that writes to a file, the reader of source maps.
 */
function calledByNode(replacement: AnyFunction): boolean {
  const { prepareStackTrace, stackTraceLimit } = Error;
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = fileOfFirst;
  try {
    const probe: { stack?: unknown } = {};
    Error.captureStackTrace(probe, replacement);
    return String(probe.stack).startsWith('node:');
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    if (prepareStackTrace === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    else Error.prepareStackTrace = prepareStackTrace;
  }
}

function fileOfFirst(_: Error, frames: NodeJS.CallSite[]): unknown {
  return frames[0]?.getFileName();
}

/** How a call ends that does not simply succeed. */
export interface CallOptions {
  /** A failed call has had no effect, and making it again does no harm. */
  harmless?: boolean;
  /** Called with the result of a call that ends after it was given up. */
  onAbandoned?: ((value: never) => void) | undefined;
}

/**
 * Suspends until the callback that `start` is given has been called.
 *
 * @returns the callback's arguments after the error.
 * @throws {CallFailure} the callback's error, or what `start` throws; what cuts the wait short.
 */
export function suspendFor(
  start: (callback: (error?: unknown, ...values: unknown[]) => void) => void,
  options: CallOptions = {},
): unknown[] {
  checkpoint(); // what is due is raised before the call has any effect
  const call = new Call(options.onAbandoned as ((value: unknown) => void) | undefined);
  try {
    start(call.callback);
  } catch (error) {
    throw new CallFailure(error, true); // bad arguments
  }
  park(call);
  const [error, ...values] = call.outcome;
  if (error !== undefined && error !== null) throw new CallFailure(error, options.harmless === true);
  return values;
}

class Call implements WaitSource {
  outcome: unknown[] = [];
  #ended = false;
  #abandoned = false;
  #node: QueueNode | null = null;
  readonly #onAbandoned: ((value: unknown) => void) | undefined;

  constructor(onAbandoned: ((value: unknown) => void) | undefined) {
    this.#onAbandoned = onAbandoned;
  }

  readonly callback = (...outcome: unknown[]): void => {
    this.outcome = outcome;
    this.#ended = true;
    const [error, value] = outcome;
    if (!this.#abandoned) this.#node?.wake(undefined);
    else if (!error) this.#onAbandoned?.(value);
  };

  register(node: QueueNode): void {
    if (this.#ended) node.wake(undefined);
    else this.#node = node;
  }

  unregister(): void {
    this.#abandoned = true;
  }
}

/** Gives an error the stack that it would have had if it had arisen in the call itself. */
export function restacked(error: unknown, replacement: AnyFunction): unknown {
  if (error instanceof Error && typeof error.stack === 'string') {
    setStack(error, splitStack(error.stack)[0] + framesAbove(replacement));
  }
  return error;
}

/**
 * The suspending form of a function whose counterpart takes the same arguments and a callback.
 *
 * @param arity how many arguments the synchronous function knows; the counterpart gets them all, given or not.
 */
export function byCallback(counterpart: AnyFunction, arity: number, options?: CallOptions): AnyFunction {
  return (...args) => {
    args.length = arity;
    return suspendFor((callback) => counterpart(...args, callback), options)[0];
  };
}

/** As `byCallback`, for a counterpart that does not take `undefined` for an argument that is not given. */
export function byCallbackAsGiven(counterpart: AnyFunction, arity: number): AnyFunction {
  return (...args) => {
    const given = args.slice(0, arity);
    while (given.length > 0 && given.at(-1) === undefined) given.pop();
    return suspendFor((callback) => counterpart(...given, callback))[0];
  };
}
