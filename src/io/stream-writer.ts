/**
 * The blocking writing half of a Node stream.
 *
 * A message is handed to the stream when all earlier ones have left it, so that messages of several greenlets go out
 * whole and one after the other, and a sender that is cut short while it waits for its turn has sent nothing. One that
 * is cut short later leaves its message to the stream: half a message is never sent.
 */
import type { Writable } from 'node:stream';
import { hub } from '../hub/hub.ts';
import { assertCanBlock, checkpoint, park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { assertBytes, type Bytes } from './bytes.ts';
import { Deadline } from './deadline.ts';
import { ClosedError } from './errors.ts';

const NOTHING = Buffer.alloc(0);

export class StreamWriter {
  readonly #stream: Writable;
  /** Who waits until the stream is empty: with a message still in hand, and with one in the stream. */
  readonly #turns = new WaitQueue();
  readonly #flushes = new WaitQueue();
  #error: unknown;
  /** The stream did not take the last message at once, so that it is asked to tell of the next one. */
  #delays = false;

  /** Takes over `stream`: nobody else may write to it. */
  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  /** Sends all of `data`; returns when the stream has passed it on. */
  write(data: Bytes, timeout: TimeoutLike): void {
    assertBytes(data);
    if (timeout !== 0) {
      checkpoint();
      assertCanBlock();
    }
    if (this.#isBusy()) this.#writeInTurn(data, new Deadline(timeout), timeout);
    else this.#write(data, timeout, timeout);
  }

  /** Ends writing after what was written, as a half-close. Later writes get `error`. */
  end(error: unknown): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#stream.end();
    this.#turns.failAll(error);
  }

  /** Everybody who waits to write, and who writes later, gets `error`. */
  close(error: unknown): void {
    this.#error ??= error;
    this.#turns.failAll(error);
    this.#flushes.failAll(error);
  }

  #isBusy(): boolean {
    return this.#error === undefined && (this.#stream.writableLength > 0 || this.#turns.size > 0);
  }

  #writeInTurn(data: Bytes, deadline: Deadline, timeout: TimeoutLike): void {
    if (park(this.#turns, deadline.left) === EXPIRED) throw Timeout.expired(timeout as number);
    this.#write(data, deadline.left, timeout);
  }

  #write(data: Bytes, left: TimeoutLike, timeout: TimeoutLike): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#passOn(data)) this.#turns.wakeOne(undefined);
    else if (park(this.#flushes, left) === EXPIRED) throw Timeout.expired(timeout as number);
  }

  /** True if the stream has taken `data` at once. A callback costs it a tick, so there is one only where it is needed. */
  #passOn(data: Bytes): boolean {
    const stream = this.#stream;
    const told = this.#delays;
    if (told) stream.write(data, this.#onWritten);
    else stream.write(data);
    this.#delays = stream.writableLength > 0;
    if (this.#delays && !told) stream.write(NOTHING, this.#onWritten); // follows the message, as its callback would
    return !this.#delays;
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error !== undefined && error !== null) this.#onError(error);
    else if (this.#stream.writableLength === 0) {
      this.#flushes.wakeAll(undefined);
      this.#turns.wakeOne(undefined);
      hub.pumpNow();
    }
  };
  readonly #onError = (error: unknown): void => {
    this.close(error);
  };
  readonly #onClose = (): void => {
    this.#onError(new ClosedError());
  };
}
