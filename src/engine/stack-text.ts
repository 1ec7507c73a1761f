/** Stacks as people want to read them: deep enough, and without the frames of this package. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { location } from '../location.ts';

/** Frames shown of a stack; Node's own limit is 10. */
const DEPTH = 100;

/** How the names of this package's scripts begin: compiled code and, with source maps, sources; as a path, and as the URL
 *  of an ES module. */
export const ownScripts: readonly string[] = (location === null ? [] : ['dist/', 'src/']).flatMap((part) => {
  const directory = join(location?.directory ?? '', part);
  return [directory, pathToFileURL(directory).href];
});

function isOwn(line: string): boolean {
  return ownScripts.some((prefix) => line.includes(prefix));
}

/** What `capture` returns, with so many frames in its stack as are worth showing. */
export function captureDeep<E extends { stack?: string } | undefined>(capture: () => E): E {
  const { stackTraceLimit } = Error;
  Reflect.set(Error, 'stackTraceLimit', DEPTH);
  try {
    return capture();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** The text of `error.stack` without the frames of this package. Formats the stack, which may be costly. */
export function foreignStack(error: { stack?: unknown }): string {
  const { stack } = error;
  const lines = String(stack ?? '').split('\n');
  return lines.filter((line) => !isOwn(line)).join('\n');
}

/** A stack of this package's making, in its parts. */
export interface StackParts {
  /** Name of the function of this package that was called: `Queue.get`; '' if none was. */
  call: string;
  /** Frames of others, as lines, innermost first. */
  frames: string[];
}

/** The frames of a stack: which function of this package others have called, and they. */
export function stackParts(error: { stack?: unknown }): StackParts {
  const lines = String(error.stack ?? '').split('\n');
  const frames = lines.filter((line) => line.startsWith('    at '));
  const first = frames.findIndex((line) => !isOwn(line));
  const called = first === -1 ? undefined : frames[first - 1];
  return { call: called === undefined ? '' : functionName(called), frames: frames.filter((line) => !isOwn(line)) };
}

/** Appends frames under a heading to the stack of an error, if that is a writable one of its own; false if not. */
export function appendToStack(error: Error, heading: string, frames: readonly string[]): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(error, 'stack');
  if (descriptor === undefined || (descriptor.writable !== true && descriptor.set === undefined)) return false;
  if (typeof error.stack !== 'string') return false;
  error.stack += `\n    --- ${heading} ---\n${frames.join('\n')}`;
  return true;
}

function functionName(line: string): string {
  const match = /^ {4}at (?:async )?(?:new )?(.+?)(?: \[as [^\]]+\])? \(/.exec(line);
  return match?.[1] ?? '';
}
