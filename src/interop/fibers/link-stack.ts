import { framesAbove, setStack, splitStack } from '../stack-text.ts';

const original = new WeakMap<Error, string>();

/** Puts the caller of `get` into the stack of the error that a future carries: who asked, then where it arose. */
export function linkStack(error: unknown, get: (...args: never[]) => unknown): void {
  if (!(error instanceof Error)) return;
  const stack = original.get(error) ?? error.stack;
  if (typeof stack !== 'string') return;
  original.set(error, stack);
  const [header, frames] = splitStack(stack);
  setStack(error, `${header}${framesAbove(get)}\n    - - - - -${frames}`);
}
