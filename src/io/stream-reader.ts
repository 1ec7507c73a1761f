/**
 * The blocking reading half of a Node stream.
 *
 * What arrives goes into a queue first and from there to whoever reads: a read that is timed out or killed loses
 * nothing. While nobody reads and the queue is full the stream is paused, so that the sender has to wait. Nothing is
 * read from the stream before the first read.
 */
import type { Readable } from 'node:stream';
import { ConcurrentObjectUseError } from '../errors.ts';
import { hub } from '../hub/hub.ts';
import { checkpoint, park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';
import { ByteQueue } from './byte-queue.ts';
import { toBuffer } from './bytes.ts';
import { Deadline } from './deadline.ts';
import { ClosedError, EndOfStreamError } from './errors.ts';

/** So many unread bytes pause the stream. */
const FULL = 64 * 1024;
/** How long a line, or what `readUntil` looks through, may be unless told otherwise. */
export const LONGEST_LINE: number = 1024 * 1024;
const LINE_FEED = Buffer.from('\n');

export class StreamReader implements WaitSource {
  readonly #stream: Readable;
  readonly #bytes = new ByteQueue();
  #ended = false;
  #error: unknown;
  /** The parked reader, and how many bytes must be there to wake it. */
  #node: QueueNode | null = null;
  #wanted = 0;

  /** Takes over `stream`: nobody else may read from it. */
  constructor(stream: Readable) {
    this.#stream = stream;
    stream.pause();
    stream.on('data', this.#onData);
    stream.on('end', this.#onEnd);
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  /**
   * Waits for bytes.
   *
   * @returns up to `max` bytes; none at the end.
   */
  read(max: number, timeout: TimeoutLike): Buffer {
    if (!Number.isSafeInteger(max) || max < 1) throw new RangeError(`max must be a whole number above 0, got ${max}`);
    this.#enter(timeout);
    this.#fill(1, timeout);
    return this.#bytes.take(Math.min(max, this.#bytes.length));
  }

  /** Waits for exactly `count` bytes. @throws {EndOfStreamError} if the end comes first; what came stays readable. */
  readExactly(count: number, timeout: TimeoutLike): Buffer {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`expected a whole number of bytes, 0 or more, got ${count}`);
    }
    this.#enter(timeout);
    this.#fill(count, timeout);
    if (this.#bytes.length < count) {
      throw new EndOfStreamError(`the stream ended after ${this.#bytes.length} of ${count} bytes`);
    }
    return this.#bytes.take(count);
  }

  /**
   * Waits for `delimiter`.
   *
   * @returns everything up to it and itself.
   * @throws {EndOfStreamError} if the end comes first; {RangeError} if that is more than `max` bytes. Nothing is taken then.
   */
  readUntil(delimiter: string | Uint8Array, max: number, timeout: TimeoutLike): Buffer {
    const bytes = toDelimiter(delimiter);
    if (!(max >= 0)) throw new RangeError(`max must be a number of bytes, 0 or more, got ${String(max)}`);
    this.#enter(timeout);
    const length = this.#find(bytes, max, timeout);
    if (length === -1) {
      throw new EndOfStreamError(
        `the stream ended before ${JSON.stringify(bytes.toString())}, after ${this.#bytes.length} bytes`,
      );
    }
    return this.#bytes.take(length);
  }

  /** Waits for a line: without its `\n` or `\r\n`, as UTF-8; null at the end. The last one may lack its line end. */
  readLine(timeout: TimeoutLike): string | null {
    this.#enter(timeout);
    const length = this.#find(LINE_FEED, LONGEST_LINE, timeout);
    if (length === -1) return this.#bytes.length === 0 ? null : this.#bytes.take(this.#bytes.length).toString();
    const line = this.#bytes.take(length);
    const end = line[length - 2] === 0x0d ? length - 2 : length - 1;
    return line.toString('utf8', 0, end);
  }

  /** Ends reading: a parked reader and all later ones get `error`. */
  close(error: unknown): void {
    this.#error = error;
    this.#ended = false;
    this.#bytes.clear();
    this.#wake();
  }

  /** Hands the stream to somebody else, with what was not read put back into it. `error` is for readers that come later. */
  release(error: unknown): void {
    this.#stream.off('end', this.#onEnd);
    this.#stream.off('data', this.#onData);
    this.#stream.off('close', this.#onClose);
    this.#stream.pause();
    if (this.#bytes.length > 0) this.#stream.unshift(this.#bytes.take(this.#bytes.length));
    this.close(error);
  }

  /** Part of `WaitSource`. */
  register(node: QueueNode): void {
    this.#node = node;
    if (this.#stream.readableFlowing !== true) this.#stream.resume();
  }
  /** Part of `WaitSource`. */
  unregister(): void {
    this.#node = null;
  }

  /** What every read begins with. */
  #enter(timeout: TimeoutLike): void {
    if (timeout !== 0) checkpoint();
    if (this.#node !== null) throw new ConcurrentObjectUseError('another greenlet is reading from this stream');
  }

  /** Waits until `count` bytes are there; fewer are only at the end. `limit` is the time that the whole call had. */
  #fill(count: number, timeout: TimeoutLike, limit: TimeoutLike = timeout): void {
    while (this.#bytes.length < count && !this.#ended) {
      if (this.#error !== undefined) throw this.#error;
      this.#wanted = count;
      if (park(this, timeout) === EXPIRED) throw Timeout.expired(limit as number);
    }
  }

  /** Waits for `delimiter`; the number of bytes up to its end, or -1 if the stream has ended before it. */
  #find(delimiter: Buffer, max: number, timeout: TimeoutLike): number {
    const deadline = new Deadline(timeout);
    for (let searched = 0; ; ) {
      const index = this.#bytes.indexOf(delimiter, searched);
      const length = index === -1 ? this.#bytes.length + 1 : index + delimiter.length;
      if (length > max) throw new RangeError(`no ${JSON.stringify(delimiter.toString())} within ${max} bytes`);
      if (index !== -1) return length;
      if (this.#ended) return -1;
      searched = Math.max(0, this.#bytes.length - delimiter.length + 1);
      this.#fill(length, deadline.left, timeout);
    }
  }

  /** Resumes the parked reader if it has what it wants, or never will. */
  #wake(): boolean {
    const node = this.#node;
    if (node === null) return false;
    if (this.#bytes.length >= this.#wanted || this.#ended) {
      this.#node = null;
      return node.wake(undefined);
    }
    if (this.#error === undefined) return false;
    this.#node = null;
    return node.fail(this.#error);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes.push(chunk);
    hub.beginEvent();
    this.#wake();
    hub.pumpNow();
    if (this.#node === null && this.#bytes.length >= FULL) this.#stream.pause();
  };
  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };
  readonly #onError = (error: unknown): void => {
    this.#error ??= error;
    this.#wake();
  };
  readonly #onClose = (): void => {
    if (!this.#ended) this.#onError(new ClosedError());
  };
}

function toDelimiter(delimiter: string | Uint8Array): Buffer {
  const bytes = toBuffer(delimiter);
  if (bytes.length === 0) throw new RangeError('a delimiter must not be empty');
  return bytes;
}
