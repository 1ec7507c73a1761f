/**
 * The synchronous calls of `node:fs`. They suspend for libuv's threads, as `fs.promises` does.
 *
 * Synchronous and asynchronous calls differ in the details of their errors, from one version of Node to the next. So a
 * call on a path that has failed is made again, by the original: its error is the right one, and if the file has changed
 * meanwhile so is its result. Calls on a descriptor are not: it may be another file's by then.
 */
import fs from 'node:fs';
import { resolve } from 'node:path';
import { park } from '../../hub/park.ts';
import { CopyThread } from './copy-thread.ts';
import type { Home } from './patch.ts';
import { type AnyFunction, byCallback, leaveToOriginal, suspendFor } from './suspend.ts';

// The functions of Node, before anybody has replaced them; one that this version lacks is undefined.
const node = { ...fs } as unknown as Record<string, AnyFunction>;

/** How many bytes are read from a descriptor at a time. */
const CHUNK = 65_536;

/** Calls on paths, and how many arguments they know. */
const ON_PATHS: Record<string, number> = {
  access: 2,
  chmod: 2,
  chown: 3,
  copyFile: 3,
  lchown: 3,
  link: 2,
  lutimes: 3,
  mkdir: 2,
  mkdtemp: 2,
  readdir: 2,
  readlink: 2,
  realpath: 2,
  rename: 2,
  rm: 2,
  rmdir: 2,
  statfs: 2,
  symlink: 3,
  truncate: 2,
  unlink: 1,
  utimes: 3,
};

/** Calls on descriptors, or which may have done a part of their work when they fail. */
const ON_DESCRIPTORS: Record<string, number> = {
  close: 1,
  fchmod: 2,
  fchown: 3,
  fdatasync: 1,
  fsync: 1,
  ftruncate: 2,
  futimes: 3,
  readv: 3,
  writev: 3,
};

/** What replaces the functions of `node:fs`. */
export function suspendingFs(): Record<string, AnyFunction> {
  const table: Record<string, AnyFunction> = {
    existsSync,
    openSync,
    opendirSync,
    readFileSync,
    readSync,
    writeSync,
    appendFileSync: writeWhole('appendFile'),
    writeFileSync: writeWhole('writeFile'),
    cpSync,
    globSync,
    mkdtempDisposableSync,
    statSync: statLike('stat', true),
    lstatSync: statLike('lstat', true),
    fstatSync: statLike('fstat', false),
  };
  for (const [name, arity] of Object.entries(ON_PATHS)) {
    if (name in node) table[`${name}Sync`] = byCallback(node[name] as AnyFunction, arity, { harmless: true });
  }
  for (const [name, arity] of Object.entries(ON_DESCRIPTORS)) {
    table[`${name}Sync`] = byCallback(node[name] as AnyFunction, arity);
  }
  return table;
}

/** What replaces the methods of an open directory. */
export const suspendingDir: Record<string, AnyFunction> = {
  readSync(this: fs.Dir) {
    return suspendFor((callback) => this.read(callback))[0];
  },
  closeSync(this: fs.Dir) {
    suspendFor((callback) => this.close(callback));
  },
};
export const dirPrototype: Home = fs.Dir.prototype as unknown as Home;

/** What replaces the functions of `fs.realpathSync` itself. */
export const suspendingRealpath: Record<string, AnyFunction> = {
  native: byCallback(fs.realpath.native, 2, { harmless: true }),
};

function existsSync(path: fs.PathLike): boolean {
  suspendFor((callback) => fs.access(path, callback), { harmless: true });
  return true;
}

/** A file that was opened for somebody who is gone is closed. */
function openSync(...args: unknown[]): unknown {
  args.length = 3;
  const onAbandoned = (fd: number): void => fs.close(fd, () => {});
  return suspendFor((callback) => node.open?.(...args, callback), { harmless: true, onAbandoned })[0];
}

function opendirSync(path: string, options?: { bufferSize?: unknown }): unknown {
  // The counterpart looks at this one too late: its error would be uncaught.
  const { bufferSize = 1 } = options ?? {};
  if (!Number.isInteger(bufferSize) || !(Number(bufferSize) > 0 && Number(bufferSize) < 2 ** 32)) leaveToOriginal();
  const onAbandoned = (dir: fs.Dir): void => dir.close(() => {});
  return suspendFor((callback) => node.opendir?.(path, options, callback), { harmless: true, onAbandoned })[0];
}

function readFileSync(target: unknown, options: unknown): unknown {
  if (typeof target === 'number') return readDescriptor(target, options);
  return suspendFor((callback) => node.readFile?.(target, options, callback), { harmless: true })[0];
}

/** The counterpart, given a descriptor, takes what fails for the end of the file. What fails at once has read nothing. */
function readDescriptor(fd: number, options: unknown): unknown {
  const given = typeof options === 'object' ? (options ?? {}) : { encoding: options };
  const { encoding, ...others } = given as { encoding?: BufferEncoding | null };
  const isKnown = (encoding ?? null) === null || Buffer.isEncoding(encoding as string);
  if (fd < 0 || !isKnown || Object.keys(others).length > 0) leaveToOriginal();
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(CHUNK);
    const harmless = chunks.length === 0;
    const [count] = suspendFor((callback) => node.read?.(fd, chunk, 0, CHUNK, null, callback), { harmless });
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count as number));
  }
  const content = Buffer.concat(chunks);
  return encoding ? content.toString(encoding) : content;
}

/** The counterpart heeds a signal, and complains of a bad descriptor even if there is nothing to write. */
function writeWhole(name: string): AnyFunction {
  const suspending = byCallback(node[name] as AnyFunction, 3);
  return (target, data, options) => {
    if (options?.signal !== undefined || (typeof target === 'number' && data?.length === 0)) leaveToOriginal();
    return suspending(target, data, options);
  };
}

/** `fs.read` and `fs.write` tell by the number of their arguments which of them are meant. */
function readSync(...args: unknown[]): unknown {
  if (!ArrayBuffer.isView(args[1])) leaveToOriginal();
  // Of what is null, the counterpart makes something else.
  const [, , options, length] = args as [unknown, unknown, { offset?: unknown } | null | undefined, unknown];
  if (args.length > 3 ? length === null : options?.offset === null) leaveToOriginal();
  if (args.length > 3) args.length = 5;
  return suspendFor((callback) => node.read?.(...args, callback))[0];
}

function writeSync(...args: unknown[]): unknown {
  args.length = ArrayBuffer.isView(args[1]) ? 5 : 4;
  return suspendFor((callback) => node.write?.(...args, callback))[0];
}

/** Of options that are null, only some counterparts complain. */
function statLike(name: string, harmless: boolean): AnyFunction {
  const suspending = byCallback(node[name] as AnyFunction, 2, { harmless });
  return (target, options) => (options === null ? leaveToOriginal() : suspending(target, options));
}

/** The counterpart gives other paths in its entries, and would call `exclude` outside of the greenlet. */
function globSync(...args: unknown[]): unknown {
  const [pattern, options] = args as [unknown, { withFileTypes?: unknown; exclude?: unknown } | undefined];
  if (options?.withFileTypes || typeof options?.exclude === 'function') return leaveToOriginal();
  return suspendFor((callback) => node.glob?.(pattern, options, callback), { harmless: true })[0];
}

/** The counterpart copies to rules of its own, so the original does it in a thread. A filter cannot be sent there. */
function cpSync(...args: unknown[]): void {
  const [, , options] = args as [unknown, unknown, { filter?: unknown } | undefined];
  if (typeof options?.filter === 'function') leaveToOriginal();
  if (park(CopyThread.start(args.slice(0, 3))) === false) leaveToOriginal();
}

function mkdtempDisposableSync(prefix: string, options?: fs.EncodingOption): unknown {
  const path = suspendFor((callback) => fs.mkdtemp(prefix, options, callback), { harmless: true })[0] as string;
  const absolute = resolve(path);
  const remove = (): void => fs.rmSync(absolute, { recursive: true, force: true });
  return { path, remove, [Symbol.dispose]: remove };
}
