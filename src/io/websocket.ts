import type net from 'node:net';
import type { WebSocket as WsSocket } from 'ws';
import { ConcurrentObjectUseError } from '../errors.ts';
import { assertCanBlock, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';
import { assertBytes, describe } from './bytes.ts';
import { ClosedError } from './errors.ts';

/** Text, or a Buffer of bytes. */
export type Message = string | Buffer;

/** Largest message unless told otherwise, in bytes. */
export const LARGEST_MESSAGE: number = 100 * 1024 * 1024;
/** How long a closing handshake may take, in ms. */
export const CLOSE_TIME = 5000;
/** So many bytes of messages that nobody has received yet pause the connection. */
const FULL = 64 * 1024;
/** What a message takes besides its bytes, so that empty ones count, too. */
const OVERHEAD = 64;
/** So many bytes may wait to be sent before a sender has to. */
const SEND_BUFFER = 64 * 1024;

/**
 * A WebSocket whose calls block the greenlet that makes them. What comes is kept until it is received; a `recv` that is
 * timed out or killed loses no message. While many wait unreceived the connection is paused, so that the other side has to
 * wait. Whoever handles a message while others come in is not disturbed.
 *
 * One greenlet may receive while others send. Two that receive at once: the second gets a `ConcurrentObjectUseError`; two
 * that send: whole messages, one after the other.
 */
export class WebSocket implements Iterable<Message>, Disposable, WaitSource {
  readonly #socket: WsSocket;
  readonly #messages: Message[] = [];
  #size = 0;
  #receiver: QueueNode | null = null;
  readonly #closers = new WaitQueue();
  #heartbeat: NodeJS.Timeout | undefined;
  /** Nothing more is received: it was closed here, or its server is being stopped. */
  #deaf = false;
  #closedHere = false;
  #closeCode: number | undefined;
  #closeReason = '';

  /** @internal */
  constructor(socket: WsSocket) {
    this.#socket = socket;
    socket.on('message', this.#onMessage);
    socket.on('close', this.#onClose);
    socket.on('error', () => {}); // 'close' follows
  }

  /** The subprotocol agreed on; '' if none. */
  get protocol(): string {
    return this.#socket.protocol;
  }
  /** True while messages can be sent. */
  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }
  /** The code it was closed with (1006: without a closing handshake); undefined until then. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }
  /** The reason given with the code. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /**
   * Waits for a message.
   *
   * @returns text as a string, bytes as a Buffer; null when it is closed and all messages that came before are received.
   * @throws `Timeout` if none comes in time.
   */
  recv(timeout?: TimeoutLike): Message | null {
    const limit = enter(timeout);
    if (this.#receiver !== null)
      throw new ConcurrentObjectUseError('another greenlet is receiving from this WebSocket');
    const waiting = this.#messages.shift();
    if (waiting !== undefined) {
      this.#size -= waiting.length + OVERHEAD;
      if (this.#socket.isPaused && this.#size < FULL / 2) this.#socket.resume();
      return waiting;
    }
    if (this.#deaf) return null;
    const message = parkUntil<Message | null>(this, limit);
    if (message === EXPIRED) throw Timeout.expired(timeout as number);
    return message;
  }

  /**
   * Sends a message: a string as text, anything else as bytes. Waits while too much of what was sent before, or of this
   * message, is still on its way out. Cut short, it only ends the waiting: the message is sent as a whole all the same.
   *
   * @throws {ClosedError} if it is closed, or is before the message has left.
   */
  send(data: string | Uint8Array): void {
    assertBytes(data);
    enter();
    if (!this.isOpen) throw new ClosedError('the WebSocket is closed');
    if (this.#socket.bufferedAmount + data.length > SEND_BUFFER) assertCanBlock();
    const flush = new Flush();
    this.#socket.send(data, { binary: typeof data !== 'string' }, flush.onSent);
    if (this.#socket.bufferedAmount > SEND_BUFFER) parkUntil(flush, Number.POSITIVE_INFINITY);
  }

  /**
   * Closes it, and waits for the other side to agree; if that takes too long, the connection is cut. Messages that come
   * meanwhile are dropped. Nothing happens if it is closed.
   *
   * @param code 1000, or 3000 to 4999, or another one that the protocol lets an application send.
   * @param reason at most 123 bytes.
   * @throws {RangeError} for a bad code or reason.
   */
  close(code = 1000, reason = ''): void {
    checkClose(code, reason);
    enter();
    this.closeSoon(code, reason);
    if (this.#closeCode === undefined) parkUntil(this.#closers, Number.POSITIVE_INFINITY);
  }

  /** @internal As `close`, without waiting. */
  closeSoon(code: number, reason = ''): void {
    if (!this.isOpen) return;
    this.#closedHere = true;
    this.stopReceiving();
    this.#socket.close(code, reason);
    this.#socket.resume();
  }

  /**
   * Cuts the connection, without the closing handshake that `close` waits for; never waits. Either side has 1006 as its
   * `closeCode` then. What has come can still be received. Nothing happens if it is closed.
   */
  terminate(): void {
    this.#socket.terminate();
  }

  /** @internal True if it was this side that has begun to close it. */
  get closedHere(): boolean {
    return this.#closedHere;
  }

  /** @internal Whoever receives is told that nothing more comes, after what has come. What can be sent, still can. */
  stopReceiving(): void {
    this.#deaf = true;
    this.#wake(null);
  }

  /** @internal Pings every `ms`, and cuts the connection if nothing at all came over `stream` since the last ping. */
  beat(ms: number, stream: net.Socket): void {
    let heard = -1;
    this.#heartbeat = setInterval(() => {
      // While it is paused an answer could not be heard.
      if (stream.bytesRead === heard && !this.#socket.isPaused) return this.#socket.terminate();
      heard = stream.bytesRead;
      if (this.isOpen) this.#socket.ping();
    }, ms);
    this.#heartbeat.unref();
  }

  /** The messages, until it is closed. Leaving the loop leaves it open. */
  *[Symbol.iterator](): IterableIterator<Message> {
    for (let message = this.recv(); message !== null; message = this.recv()) yield message;
  }

  /** Closes it, without waiting for the other side. */
  [Symbol.dispose](): void {
    this.closeSoon(1000);
  }

  /** Part of `WaitSource`: `node` is given the next message. */
  register(node: QueueNode): void {
    this.#receiver = node;
  }
  /** Part of `WaitSource`. */
  unregister(): void {
    this.#receiver = null;
  }

  #wake(message: Message | null): boolean {
    const receiver = this.#receiver;
    this.#receiver = null;
    return receiver?.wake(message) === true;
  }

  readonly #onMessage = (data: unknown, isBinary: boolean): void => {
    if (this.#deaf) return;
    const message = isBinary ? (data as Buffer) : String(data);
    if (this.#wake(message)) return;
    this.#messages.push(message);
    this.#size += message.length + OVERHEAD;
    if (this.#size >= FULL) this.#socket.pause();
  };

  readonly #onClose = (code: number, reason: Buffer): void => {
    clearInterval(this.#heartbeat);
    this.#closeCode = code;
    this.#closeReason = reason.toString();
    this.stopReceiving();
    this.#closers.wakeAll(undefined);
  };
}

/** Waits until one message has left. */
class Flush implements WaitSource {
  #node: QueueNode | null = null;
  #sent = false;
  #error: Error | undefined;

  register(node: QueueNode): void {
    this.#node = node;
    if (this.#sent) this.#settle();
  }
  unregister(): void {
    this.#node = null;
  }
  readonly onSent = (error?: Error | null): void => {
    this.#sent = true;
    this.#error = error ?? undefined;
    this.#settle();
  };
  #settle(): void {
    const node = this.#node;
    this.#node = null;
    if (this.#error === undefined) node?.wake(undefined);
    else node?.fail(new ClosedError('the WebSocket was closed before the message was sent', { cause: this.#error }));
  }
}

/** @throws {RangeError} for what the protocol does not let through. */
function checkClose(code: number, reason: string): void {
  const defined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (!Number.isInteger(code) || !(defined || (code >= 3000 && code <= 4999))) {
    throw new RangeError(`a close code must be 1000 to 1014 or 3000 to 4999, got ${describe(code)}`);
  }
  if (typeof reason !== 'string') throw new TypeError(`a close reason must be a string, got ${describe(reason)}`);
  if (Buffer.byteLength(reason) > 123)
    throw new RangeError(`a close reason has 123 bytes at most, got ${describe(reason)}`);
}

/** @throws {TypeError|RangeError} unless it is a number above 0. */
export function checkPositive(name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${describe(value)}`);
  if (!(value > 0)) throw new RangeError(`${name} must be above 0, got ${value}`);
}
