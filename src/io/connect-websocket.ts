import type net from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket as WsSocket } from 'ws';
import { assertCanBlock, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { sleep } from '../hub/sleep.ts';
import { Timeout } from '../hub/timeout.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';
import { describe } from './bytes.ts';
import { ClosedError } from './errors.ts';
import { CLOSE_TIME, checkPositive, LARGEST_MESSAGE, WebSocket } from './websocket.ts';

/** How to connect to a WebSocket server. */
export interface WebSocketOptions {
  /** Subprotocols to offer. */
  protocols?: string | readonly string[];
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** How long connecting may take, handshake included; in ms, or a signal. */
  timeout?: TimeoutLike;
  /** Largest message in bytes, 100 MB unless given; a larger one closes the connection, with code 1009. */
  maxPayload?: number;
  /** Milliseconds between pings; a server that lets one pass without a sign of life is dropped. None unless given. */
  heartbeat?: number;
  tls?: ConnectionOptions;
}

/** How `stayConnected` connects again. */
export interface ReconnectOptions extends WebSocketOptions {
  /** The first pause in ms, 500 unless given; each further one is twice as long. Up to half of it is left to chance. */
  delay?: number;
  /** The longest pause in ms, 30,000 unless given. */
  maxDelay?: number;
  /** How many attempts in a row may fail; any number unless given. */
  attempts?: number;
}

const PROTOCOLS = new Set(['ws:', 'wss:', 'http:', 'https:']);

/**
 * Connects to a WebSocket server; returns when messages can be sent.
 *
 * @throws Node's error, or one that tells with which status the server answered; `Timeout`; {TypeError|RangeError} for
 * bad input. Nothing is left of the connection then.
 * @example
 * using socket = connectWebSocket('ws://localhost:8000/chat');
 * socket.send('hello');
 * for (const message of socket) console.log(message);
 */
export function connectWebSocket(url: string | URL, options: WebSocketOptions = {}): WebSocket {
  const outcome = connect(url, options);
  if (outcome instanceof WebSocket) return outcome;
  Error.captureStackTrace(outcome, connectWebSocket);
  throw outcome;
}

/**
 * Connects, and runs `handle` with the socket; each time the connection is lost, or cannot be made, connects again after
 * a pause and runs `handle` again. Ends when `handle` returns while it is connected, or has closed the socket itself.
 *
 * @returns what `handle` has returned.
 * @throws what `handle` throws, unless that is for the lost connection; the last failure after so many `attempts`.
 * @example
 * stayConnected('ws://localhost:8000/prices', (socket) => {
 *   socket.send('subscribe');
 *   for (const message of socket) show(message);
 * });
 */
export function stayConnected<T>(
  url: string | URL,
  handle: (socket: WebSocket) => T,
  options: ReconnectOptions = {},
): T {
  const { delay = 500, maxDelay = 30_000, attempts = Number.POSITIVE_INFINITY } = options;
  if (typeof handle !== 'function') throw new TypeError(`expected a function, got ${describe(handle)}`);
  for (const [name, value] of Object.entries({ delay, maxDelay, attempts })) checkPositive(name, value);
  for (let failed = 0; ; ) {
    const outcome = connect(url, options);
    if (outcome instanceof WebSocket) {
      failed = 0;
      const result = handleOnce(outcome, handle);
      if (result !== LOST) return result as T;
    } else if (++failed >= attempts) {
      Error.captureStackTrace(outcome, stayConnected);
      throw outcome;
    }
    sleep(Math.min(maxDelay, delay * 2 ** failed) * (1 - Math.random() / 2));
  }
}

const LOST = Symbol('lost');

function handleOnce<T>(socket: WebSocket, handle: (socket: WebSocket) => T): T | typeof LOST {
  try {
    const result = handle(socket);
    return socket.isOpen || socket.closedHere ? result : LOST;
  } catch (error) {
    if (error instanceof ClosedError && !socket.isOpen && !socket.closedHere) return LOST;
    throw error;
  } finally {
    socket.closeSoon(1000);
  }
}

/** A connected socket, or why there is none. Throws for bad input and for what comes from outside. */
function connect(url: string | URL, options: WebSocketOptions): WebSocket | Error {
  const { protocols = [], headers, timeout, maxPayload = LARGEST_MESSAGE, heartbeat, tls } = options;
  const address = new URL(url);
  if (!PROTOCOLS.has(address.protocol)) throw new TypeError(`expected a ws URL, got ${address.href}`);
  if (heartbeat !== undefined) checkPositive('heartbeat', heartbeat);
  checkPositive('maxPayload', maxPayload);
  const limit = enter(timeout);
  assertCanBlock();
  const offered = typeof protocols === 'string' ? [protocols] : [...protocols];
  // The types do not know `closeTimeout` yet.
  const settings = { ...tls, headers, maxPayload, perMessageDeflate: false, closeTimeout: CLOSE_TIME } as object;
  const opening = new Opening(new WsSocket(address, offered, settings), heartbeat);
  const outcome = parkUntil<WebSocket | Error>(opening, limit);
  return outcome === EXPIRED ? Timeout.expired(timeout as number) : outcome;
}

/** Waits until a socket is connected, or cannot be. */
class Opening implements WaitSource {
  readonly #connection: WsSocket;
  readonly #socket: WebSocket;
  #node: QueueNode | null = null;

  constructor(connection: WsSocket, heartbeat: number | undefined) {
    this.#connection = connection;
    this.#socket = new WebSocket(connection); // from now on: the first messages may come with the handshake
    connection.once('upgrade', ({ socket }) => {
      if (heartbeat !== undefined) this.#socket.beat(heartbeat, socket as net.Socket);
    });
  }

  register(node: QueueNode): void {
    this.#node = node;
    this.#connection.once('open', () => this.#settle(this.#socket));
    this.#connection.once('error', (error) => this.#settle(error));
  }
  unregister(): void {
    this.#node = null;
    this.#connection.terminate();
  }

  #settle(outcome: WebSocket | Error): void {
    const node = this.#node;
    this.#node = null;
    node?.wake(outcome);
  }
}
