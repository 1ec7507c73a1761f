import dgram from 'node:dgram';
import net from 'node:net';
import { ConcurrentObjectUseError } from '../errors.ts';
import { assertCanBlock, checkpoint, park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';
import { waitCallback, waitEvent } from '../interop/callbacks.ts';
import { type Bytes, toBuffer } from './bytes.ts';
import { ClosedError } from './errors.ts';
import { boundAddress, checkPort, type SocketAddress } from './socket-address.ts';

/** So many datagrams wait to be read; further ones are dropped, as by a system whose buffer is full. */
const MOST_WAITING = 1024;

/** Where to receive. */
export interface DatagramOptions {
  /** All interfaces unless given. */
  host?: string;
  /** 0 (the default) = any free one. */
  port?: number;
  /** Let several sockets have the same address. */
  reuseAddr?: boolean;
}

/** Where a datagram goes; what `recvFrom` returns will do. */
export interface DatagramTarget {
  host?: string;
  address?: string;
  port: number;
}

/** What has come, and from where. */
export interface Datagram {
  data: Buffer;
  address: string;
  port: number;
}

/**
 * A UDP socket. As ever with UDP, datagrams may get lost: here, those that come while 1024 wait to be read.
 *
 * @example
 * using socket = DatagramSocket.bind({ port: 5000 });
 * for (;;) {
 *   const { data, ...from } = socket.recvFrom();
 *   socket.sendTo(data, from);
 * }
 */
export class DatagramSocket implements WaitSource, Disposable {
  readonly #socket: dgram.Socket;
  readonly #waiting: Datagram[] = [];
  #node: QueueNode | null = null;
  #error: unknown;
  #address: SocketAddress = '';

  private constructor(socket: dgram.Socket) {
    this.#socket = socket;
    socket.on('message', this.#onMessage);
    socket.on('error', this.#onError);
  }

  /** Waits until it is bound. An IPv6 `host` gives an IPv6 socket, anything else an IPv4 one. @throws Node's error. */
  static bind(options: DatagramOptions = {}): DatagramSocket {
    const { host, port = 0, reuseAddr = false } = options;
    checkPort(port);
    checkpoint();
    assertCanBlock();
    const socket = dgram.createSocket({ type: host !== undefined && net.isIPv6(host) ? 'udp6' : 'udp4', reuseAddr });
    const bound = new DatagramSocket(socket);
    try {
      socket.bind({ port, ...(host === undefined ? {} : { address: host }) });
      waitEvent(socket, 'listening');
      bound.#address = boundAddress(socket.address());
      return bound;
    } catch (error) {
      bound.close();
      throw error;
    }
  }

  /** Where it receives; where it received, once closed. */
  get address(): SocketAddress {
    return this.#address;
  }

  /** Sends one datagram; returns when the system has taken it. @throws Node's error (`EMSGSIZE`, `ENOTFOUND`, …). */
  sendTo(data: Bytes, target: DatagramTarget): void {
    const bytes = toBuffer(data);
    const { port, host = target.address ?? 'localhost' } = target;
    checkPort(port);
    if (this.#error !== undefined) throw this.#error;
    waitCallback((done) => this.#socket.send(bytes, port, host, done));
  }

  /** Waits for a datagram. @throws `Timeout`; {ClosedError} once closed. */
  recvFrom(timeout?: TimeoutLike): Datagram {
    if (timeout !== 0) checkpoint();
    if (this.#node !== null) throw new ConcurrentObjectUseError('another greenlet is reading from this socket');
    const first = this.#waiting.shift();
    if (first !== undefined) return first;
    if (this.#error !== undefined) throw this.#error;
    const datagram = park<Datagram>(this, timeout);
    if (datagram === EXPIRED) throw Timeout.expired(timeout as number);
    return datagram;
  }

  /** Closes it. A greenlet in `recvFrom`, and every later call, gets a `ClosedError`. */
  close(): void {
    if (this.#error !== undefined) return;
    this.#error = new ClosedError('the socket was closed');
    this.#waiting.length = 0;
    this.#socket.close();
    this.#node?.fail(this.#error);
    this.#node = null;
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Part of `WaitSource`. */
  register(node: QueueNode): void {
    this.#node = node;
  }
  /** Part of `WaitSource`. */
  unregister(): void {
    this.#node = null;
  }

  readonly #onMessage = (data: Buffer, from: dgram.RemoteInfo): void => {
    const datagram = { data, address: from.address, port: from.port };
    const node = this.#node;
    this.#node = null;
    if (node?.wake(datagram)) return;
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(datagram);
  };
  readonly #onError = (error: unknown): void => {
    const node = this.#node;
    this.#node = null;
    node?.fail(error);
  };
}
