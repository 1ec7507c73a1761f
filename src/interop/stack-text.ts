type AnyFunction = (...args: never[]) => unknown;

/** An `Error.stack` in its two parts: the message, and the frames, each with a line break before it. */
export function splitStack(stack: string): [header: string, frames: string] {
  const at = stack.search(/\n\s+at /);
  return at === -1 ? [stack, ''] : [stack.slice(0, at), stack.slice(at)];
}

/** The frames from the caller of `above` on, as in an `Error.stack`. */
export function framesAbove(above: AnyFunction): string {
  const here = { stack: '' };
  Error.captureStackTrace(here, above);
  return splitStack(here.stack)[1];
}

/** Sets the stack of `error`, if it can be set. */
export function setStack(error: Error, stack: string): void {
  Reflect.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
}
