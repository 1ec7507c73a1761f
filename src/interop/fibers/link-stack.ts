const original = new WeakMap<Error, string>();

/** Puts the stack of the caller of `get` into the stack of the error that a future carries: who asked, then where it arose. */
export function linkStack(error: unknown, get: (...args: never[]) => unknown): void {
  if (!(error instanceof Error) || Object.isFrozen(error)) return;
  const stack = original.get(error) ?? error.stack;
  if (typeof stack !== 'string') return;
  original.set(error, stack);
  const asker = { stack: '' };
  Error.captureStackTrace(asker, get);
  const [header, frames] = splitStack(stack);
  Object.defineProperty(error, 'stack', {
    value: `${header}${splitStack(asker.stack)[1]}\n    - - - - -${frames}`,
    configurable: true,
    writable: true,
  });
}

/** The message of a stack, and its frames with a line break before each. */
function splitStack(stack: string): [header: string, frames: string] {
  const at = stack.search(/\n\s+at /);
  return at === -1 ? [stack, ''] : [stack.slice(0, at), stack.slice(at)];
}
