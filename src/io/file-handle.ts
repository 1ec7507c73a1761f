import type { Abortable } from 'node:events';
import type {
  BigIntStats,
  Mode,
  ObjectEncodingOptions,
  OpenMode,
  ReadOptions,
  ReadOptionsWithBuffer,
  ReadStream,
  ReadVResult,
  StatOptions,
  Stats,
  TimeLike,
  WriteStream,
  WriteVResult,
} from 'node:fs';
import type promises from 'node:fs/promises';
import type { ReadableStream } from 'node:stream/web';
import { shield } from '../hub/shield.ts';
import { iterate } from '../interop/iterate.ts';
import { blockOn } from './block-on.ts';

type View = NodeJS.ArrayBufferView;
type NodeHandle = promises.FileHandle;

/** How a whole file is read or written; the signal stops it. */
export interface FileOptions extends ObjectEncodingOptions, Abortable {
  flag?: OpenMode | undefined;
  mode?: Mode | undefined;
  /** Have what was written on the disk before it returns. */
  flush?: boolean | undefined;
}
/** Options, or an encoding alone. */
export type FileOptionsLike = FileOptions | BufferEncoding | null;

/** What `writeFile` writes. A sync iterable may block: it is run in the greenlet that writes. */
export type FileData = string | View | Iterable<string | View> | AsyncIterable<string | View>;

/**
 * An open file: the methods of Node's `FileHandle`, blocking. Made by `open`.
 *
 * @example
 * using file = open('data.bin', 'r+');
 * const { bytesRead, buffer } = file.read(Buffer.alloc(16), 0, 16, 0);
 */
export class FileHandle implements Disposable {
  readonly #handle: NodeHandle;

  /** @internal */
  constructor(handle: NodeHandle) {
    this.#handle = handle;
  }

  /** The file descriptor. */
  get fd(): number {
    return this.#handle.fd;
  }

  read<T extends View>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | bigint | null,
  ): { bytesRead: number; buffer: T };
  read<T extends View>(buffer: T, options?: ReadOptions): { bytesRead: number; buffer: T };
  read<T extends View = Buffer>(options?: ReadOptionsWithBuffer<T>): { bytesRead: number; buffer: T };
  read(...args: unknown[]): unknown {
    return blockOn(() => this.#handle.read(...(args as [View])));
  }

  readv<T extends readonly View[]>(buffers: T, position?: number): ReadVResult<T> {
    return blockOn(() => this.#handle.readv(buffers, position));
  }

  /** Reads from the current position to the end. */
  readFile(options?: ({ encoding?: null | undefined } & Abortable) | null): Buffer;
  readFile(options: ({ encoding: BufferEncoding } & Abortable) | BufferEncoding): string;
  readFile(options?: FileOptionsLike): string | Buffer;
  readFile(options?: FileOptionsLike): string | Buffer {
    return blockOn((signal) => this.#handle.readFile(withSignal(options, signal)));
  }

  /** The lines, one by one; the file is closed at the end, and when the loop is left, unless `autoClose` is false. */
  *readLines(options?: Parameters<NodeHandle['readLines']>[0]): IterableIterator<string> {
    const lines = this.#handle.readLines(options);
    try {
      yield* iterate(lines);
    } finally {
      // Node only pauses the stream behind the lines when their loop is left.
      if (options?.autoClose !== false) (lines as unknown as { input: ReadStream }).input.destroy();
    }
  }

  write<T extends View>(
    buffer: T,
    offset?: number | null,
    length?: number | null,
    position?: number | null,
  ): { bytesWritten: number; buffer: T };
  write<T extends View>(
    buffer: T,
    options?: { offset?: number; length?: number; position?: number | null },
  ): { bytesWritten: number; buffer: T };
  write(
    data: string,
    position?: number | null,
    encoding?: BufferEncoding | null,
  ): { bytesWritten: number; buffer: string };
  write(...args: unknown[]): unknown {
    return blockOn(() => this.#handle.write(...(args as [string])));
  }

  writev<T extends readonly View[]>(buffers: T, position?: number): WriteVResult<T> {
    return blockOn(() => this.#handle.writev(buffers, position));
  }

  /** Writes all of `data` from the current position on. */
  writeFile(data: FileData, options?: FileOptionsLike): void {
    if (isBlockingIterable(data)) {
      for (const chunk of data) this.writeFile(chunk, options);
    } else {
      blockOn((signal) => this.#handle.writeFile(data as Uint8Array, withSignal(options, signal)));
    }
  }

  appendFile(data: FileData, options?: FileOptionsLike): void {
    this.writeFile(data, options);
  }

  stat(options?: StatOptions & { bigint?: false | undefined }): Stats;
  stat(options: StatOptions & { bigint: true }): BigIntStats;
  stat(options?: StatOptions): Stats | BigIntStats;
  stat(options?: StatOptions): Stats | BigIntStats {
    return blockOn(() => this.#handle.stat(options));
  }

  truncate(length?: number): void {
    blockOn(() => this.#handle.truncate(length));
  }

  utimes(atime: TimeLike, mtime: TimeLike): void {
    blockOn(() => this.#handle.utimes(atime, mtime));
  }

  chmod(mode: Mode): void {
    blockOn(() => this.#handle.chmod(mode));
  }

  chown(uid: number, gid: number): void {
    blockOn(() => this.#handle.chown(uid, gid));
  }

  datasync(): void {
    blockOn(() => this.#handle.datasync());
  }

  sync(): void {
    blockOn(() => this.#handle.sync());
  }

  /** A stream of Node; it is iterated with `iterate`. */
  createReadStream(options?: Parameters<NodeHandle['createReadStream']>[0]): ReadStream {
    return this.#handle.createReadStream(options);
  }

  createWriteStream(options?: Parameters<NodeHandle['createWriteStream']>[0]): WriteStream {
    return this.#handle.createWriteStream(options);
  }

  readableWebStream(options?: Parameters<NodeHandle['readableWebStream']>[0]): ReadableStream {
    return this.#handle.readableWebStream(options);
  }

  /** Closes the file, after what is under way on it. */
  close(): void {
    blockOn(() => this.#handle.close());
  }

  /** Closes the file, even in a greenlet that is being killed; nothing happens if it is closed. */
  [Symbol.dispose](): void {
    if (this.fd !== -1) shield(() => this.close());
  }
}

/** An encoding alone stands for an object with it. */
export function toFileOptions(options: FileOptionsLike | undefined): FileOptions {
  if (typeof options === 'object') return options ?? {};
  return options === undefined ? {} : { encoding: options };
}

/** The options with `signal` besides the caller's own one. */
export function withSignal(options: FileOptionsLike | undefined, signal: AbortSignal): FileOptions {
  const settings = toFileOptions(options);
  return { ...settings, signal: settings.signal === undefined ? signal : AbortSignal.any([settings.signal, signal]) };
}

/** An iterable that Node would run on the event loop's own stack, where it must not block. */
export function isBlockingIterable(data: unknown): data is Iterable<string | View> {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return false;
  return Symbol.iterator in data && !(Symbol.asyncIterator in data);
}
