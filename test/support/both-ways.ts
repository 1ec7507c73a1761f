// Runs synchronous calls of Node twice, as they are and patched in a greenlet, and compares everything that can be seen.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { inspect } from 'node:util';
import { patchAll, unpatchAll } from 'greenlets/monkey';

/** What a call gave or threw, made comparable. */
function outcomeOf(call: () => unknown): unknown {
  try {
    return { value: comparable(call()) };
  } catch (error) {
    return { thrown: comparable(error) };
  }
}

/** Leaves out what differs between any two calls: times, inodes, process ids. */
function comparable(value: unknown): unknown {
  if (value instanceof Error) return comparableError(value as Error & Record<string, unknown>);
  if (Array.isArray(value)) return value.map(comparable);
  if (value instanceof fs.Dirent) return [value.name, value.isFile(), value.isDirectory(), value.parentPath];
  if (value instanceof fs.Stats || /^(BigInt)?StatFs$|^BigIntStats$/.test(value?.constructor?.name ?? '')) {
    const { mode, size, nlink, uid, type } = value as Record<string, unknown>;
    return [value?.constructor.name, mode, size, nlink, uid, type];
  }
  if (typeof value === 'object' && value !== null && 'pid' in value) {
    const { pid, ...rest } = value;
    return { running: Number(pid) > 0, ...rest, error: 'error' in rest && comparable(rest.error) };
  }
  return value;
}

function comparableError(error: Error & Record<string, unknown>): unknown {
  const names = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack' && name !== 'pid');
  const properties = names.sort().map((name) => [name, error[name] === error ? 'itself' : comparable(error[name])]);
  return [error.constructor.name, error.name, error.stack?.split('\n    at ')[0], properties];
}

/**
 * Asserts that `call` does the same both ways.
 *
 * @param prepare called before each, unpatched.
 * @param traces what is left behind, to be compared too; called unpatched.
 */
export function assertSame(
  label: readonly unknown[],
  call: () => unknown,
  prepare: () => void = () => {},
  traces: () => unknown = () => undefined,
): void {
  prepare();
  const plain = [outcomeOf(call), traces()];
  prepare();
  patchAll();
  let patched: unknown;
  try {
    patched = outcomeOf(call);
  } finally {
    unpatchAll();
  }
  assert.deepEqual([patched, traces()], plain, `differs when patched: ${inspect(label)}`);
}
