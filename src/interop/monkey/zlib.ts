/** The synchronous calls of `node:zlib`; they suspend for libuv's threads. */
import zlib from 'node:zlib';
import { types } from '../../builtins.ts';
import { type AnyFunction, byCallback, CallFailure, leaveToOriginal } from './suspend.ts';

const METHODS = [
  'brotliCompress',
  'brotliDecompress',
  'deflate',
  'deflateRaw',
  'gunzip',
  'gzip',
  'inflate',
  'inflateRaw',
  'unzip',
  'zstdCompress',
  'zstdDecompress',
];

/** What replaces the functions of `node:zlib`. */
export function suspendingZlib(): Record<string, AnyFunction> {
  const node = zlib as unknown as Record<string, AnyFunction | undefined>;
  const table: Record<string, AnyFunction> = {};
  for (const name of METHODS) {
    const counterpart = node[name];
    if (counterpart === undefined) continue;
    const suspending = byCallback(counterpart, 2);
    table[`${name}Sync`] = (data, options) => {
      // Of the two flush flags, the synchronous form heeds only the last.
      if (!isData(data) || options?.flush !== undefined) leaveToOriginal();
      try {
        return suspending(data, name === 'zstdCompress' ? withSize(data, options) : options);
      } catch (error) {
        if (isTooLarge(error)) leaveToOriginal();
        throw error;
      }
    };
  }
  return table;
}

/** Of data that is also broken, the original may say that instead. */
function isTooLarge(error: unknown): boolean {
  return error instanceof CallFailure && (error.reason as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
}

/** The synchronous form knows how much will come, and writes that into its output. */
function withSize(data: string | NodeJS.ArrayBufferView, options: unknown): unknown {
  const pledgedSrcSize = Buffer.byteLength(data);
  return typeof options === 'object' ? { pledgedSrcSize, ...options } : { pledgedSrcSize };
}

function isData(data: unknown): boolean {
  return typeof data === 'string' || ArrayBuffer.isView(data) || types.isAnyArrayBuffer(data);
}
