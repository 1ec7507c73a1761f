/**
 * Every function of `node:fs/promises` under its own name, with its own arguments, results and errors: blocking.
 *
 * A call cut short by a kill or a timeout may still take effect, as the system call under way cannot be taken back. But
 * a file or directory that it has opened is closed again, and reading or writing a whole file stops at the next piece.
 */
import type { Abortable } from 'node:events';
import type {
  CopyOptions,
  Dirent,
  Mode,
  ObjectEncodingOptions,
  OpenDirOptions,
  OpenMode,
  PathLike,
  WatchOptions,
} from 'node:fs';
import promises, { type FileChangeInfo } from 'node:fs/promises';
import { shield } from '../hub/shield.ts';
import { iterate } from '../interop/iterate.ts';
import { toAsync } from '../interop/to-async.ts';
import { dressLike, type SyncFunction } from '../interop/to-sync.ts';
import { blockOn, blockOnResource } from './block-on.ts';
import { Dir } from './dir.ts';
import {
  type FileData,
  FileHandle,
  type FileOptions,
  type FileOptionsLike,
  isBlockingIterable,
  toFileOptions,
  withSignal,
} from './file-handle.ts';

type Promises = typeof promises;
type File = PathLike | FileHandle | promises.FileHandle;

/** Functions that only newer Nodes have. */
const newer = promises as unknown as {
  glob(pattern: string | readonly string[], options?: object): AsyncIterable<string | Dirent>;
  mkdtempDisposable(prefix: string, options?: object): Promise<{ path: string; remove(): Promise<void> }>;
};

/** The function of that name, blocking. It is looked up at each call, so that instrumentation and mocks are seen. */
function blocking<K extends keyof Promises>(name: K): SyncFunction<Promises[K]> {
  const functions = promises as unknown as Record<K, (...args: unknown[]) => Promise<unknown>>;
  const call = (...args: unknown[]): unknown => blockOn(() => functions[name](...args));
  return dressLike(call, functions[name]) as unknown as SyncFunction<Promises[K]>;
}

export const constants: Promises['constants'] = promises.constants;
export const access: SyncFunction<Promises['access']> = blocking('access');
export const chmod: SyncFunction<Promises['chmod']> = blocking('chmod');
export const chown: SyncFunction<Promises['chown']> = blocking('chown');
export const copyFile: SyncFunction<Promises['copyFile']> = blocking('copyFile');
export const lchmod: SyncFunction<Promises['lchmod']> = blocking('lchmod');
export const lchown: SyncFunction<Promises['lchown']> = blocking('lchown');
export const link: SyncFunction<Promises['link']> = blocking('link');
export const lstat: SyncFunction<Promises['lstat']> = blocking('lstat');
export const lutimes: SyncFunction<Promises['lutimes']> = blocking('lutimes');
export const mkdir: SyncFunction<Promises['mkdir']> = blocking('mkdir');
export const mkdtemp: SyncFunction<Promises['mkdtemp']> = blocking('mkdtemp');
export const readdir: SyncFunction<Promises['readdir']> = blocking('readdir');
export const readlink: SyncFunction<Promises['readlink']> = blocking('readlink');
export const realpath: SyncFunction<Promises['realpath']> = blocking('realpath');
export const rename: SyncFunction<Promises['rename']> = blocking('rename');
export const rm: SyncFunction<Promises['rm']> = blocking('rm');
export const rmdir: SyncFunction<Promises['rmdir']> = blocking('rmdir');
export const stat: SyncFunction<Promises['stat']> = blocking('stat');
export const statfs: SyncFunction<Promises['statfs']> = blocking('statfs');
export const symlink: SyncFunction<Promises['symlink']> = blocking('symlink');
export const truncate: SyncFunction<Promises['truncate']> = blocking('truncate');
export const unlink: SyncFunction<Promises['unlink']> = blocking('unlink');
export const utimes: SyncFunction<Promises['utimes']> = blocking('utimes');

/** Opens a file; its handle's methods block. */
export function open(path: PathLike, flags?: OpenMode, mode?: Mode | undefined): FileHandle {
  return new FileHandle(
    blockOnResource(
      () => promises.open(path, flags, mode),
      (late) => late.close(),
    ),
  );
}

/** Reads a whole file: a Buffer, or a string if an encoding is given. */
export function readFile(
  file: File,
  options?: ({ encoding?: null | undefined; flag?: OpenMode | undefined } & Abortable) | null,
): Buffer;
export function readFile(
  file: File,
  options: ({ encoding: BufferEncoding; flag?: OpenMode | undefined } & Abortable) | BufferEncoding,
): string;
export function readFile(file: File, options?: FileOptionsLike): string | Buffer;
export function readFile(file: File, options?: FileOptionsLike): string | Buffer {
  if (file instanceof FileHandle) return file.readFile(options);
  return blockOn((signal) => promises.readFile(file, withSignal(options, signal)));
}

/**
 * Writes a whole file. An iterable as `data` may block: it is run in the calling greenlet, piece by piece.
 *
 * @example
 * writeFile('page.html', get(url).body);
 */
export function writeFile(file: File, data: FileData, options?: FileOptionsLike): void {
  if (file instanceof FileHandle) {
    file.writeFile(data, options);
  } else if (isBlockingIterable(data)) {
    writeIterable(file, data, toFileOptions(options));
  } else {
    blockOn((signal) => promises.writeFile(file, data, withSignal(options, signal)));
  }
}

function writeIterable(file: PathLike | promises.FileHandle, data: FileData, options: FileOptions): void {
  if (typeof file === 'object' && 'writeFile' in file) {
    new FileHandle(file).writeFile(data, options);
    return;
  }
  using handle = open(file, options.flag ?? 'w', options.mode);
  handle.writeFile(data, options);
  if (options.flush === true) handle.sync();
}

/** As `writeFile`, at the end of the file. */
export function appendFile(file: File, data: FileData, options?: FileOptionsLike): void {
  writeFile(file, data, { flag: 'a', ...toFileOptions(options) });
}

/** Copies a file or a whole directory; `filter` may block. */
export function cp(source: string | URL, destination: string | URL, options?: CopyOptions): void {
  const filter = options?.filter;
  const settings = typeof filter === 'function' ? { ...options, filter: toAsync(filter) } : options;
  blockOn(() => promises.cp(source, destination, settings));
}

/** Opens a directory, to read its entries one by one. */
export function opendir(path: PathLike, options?: OpenDirOptions): Dir {
  return new Dir(
    blockOnResource(
      () => promises.opendir(path, options),
      (late) => late.close(),
    ),
  );
}

/**
 * The changes of a file or directory, from the first `next()` on. Watching ends when the loop is left, or when an error
 * from outside ends it.
 *
 * @example
 * for (const { filename } of watch('src', { recursive: true })) rebuild(filename);
 */
export function watch(
  filename: PathLike,
  options: (WatchOptions & { encoding: 'buffer' }) | 'buffer',
): IterableIterator<FileChangeInfo<Buffer>>;
export function watch(
  filename: PathLike,
  options?: WatchOptions | BufferEncoding,
): IterableIterator<FileChangeInfo<string>>;
export function* watch(filename: PathLike, options?: WatchOptions | string): IterableIterator<unknown> {
  // Node's iterator does not hear of `return()` while it waits for a change; of the signal it does.
  const end = new AbortController();
  try {
    yield* iterate(promises.watch(filename, withSignal(options as FileOptions, end.signal) as WatchOptions));
  } finally {
    end.abort();
  }
}

/** How `glob` searches: from where, what it leaves out, and whether it gives entries instead of paths. */
export interface GlobOptions {
  cwd?: string | URL;
  exclude?: ((file: never) => boolean) | readonly string[];
  withFileTypes?: boolean;
  followSymlinks?: boolean;
}

interface Glob {
  (pattern: string | readonly string[], options: GlobOptions & { withFileTypes: true }): IterableIterator<Dirent>;
  (pattern: string | readonly string[], options?: GlobOptions): IterableIterator<string>;
}

/** The paths that match a pattern, as they are found; undefined before Node 22. */
export const glob: Glob | undefined =
  newer.glob &&
  (function glob(pattern: string, options?: GlobOptions): IterableIterator<string | Dirent> {
    return iterate(newer.glob(pattern, options));
  } as Glob);

/** A directory that is deleted, with all in it, by `remove()` or at the end of a `using` block. */
export interface DisposableDirectory extends Disposable {
  readonly path: string;
  remove(): void;
}

/** Makes a directory with a unique name that deletes itself; undefined before Node 24. */
export const mkdtempDisposable: ((prefix: string, options?: ObjectEncodingOptions) => DisposableDirectory) | undefined =
  newer.mkdtempDisposable &&
  function mkdtempDisposable(prefix, options) {
    const directory = blockOnResource(
      () => newer.mkdtempDisposable(prefix, options),
      (late) => late.remove(),
    );
    const remove = (): void => blockOn(() => directory.remove());
    return { path: directory.path, remove, [Symbol.dispose]: () => shield(remove) };
  };
