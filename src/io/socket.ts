import type net from 'node:net';
import { checkTimeout } from '../hub/park.ts';
import type { Bytes } from './bytes.ts';
import { ChunkIterator } from './chunk-iterator.ts';
import { ClosedError } from './errors.ts';
import { type ConnectOptions, connect, handshake, type UpgradeOptions } from './open-connection.ts';
import { type SocketAddress, toAddress } from './socket-address.ts';
import { LONGEST_LINE, StreamReader } from './stream-reader.ts';
import { StreamWriter } from './stream-writer.ts';

/**
 * A connection whose calls block the greenlet that makes them: TCP, Unix or TLS.
 *
 * One greenlet may read while another writes. Two that read at once: the second gets a `ConcurrentObjectUseError`; two
 * that send: whole messages, one after the other. A read that is timed out or killed loses no data.
 * Node's own errors (`ECONNRESET`, …) are raised as they are, at the call that meets them.
 *
 * @example
 * using socket = Socket.connect({ host: 'example.org', port: 79, timeout: 5000 });
 * socket.sendAll('hello\r\n');
 * for (let line = socket.readLine(); line !== null; line = socket.readLine()) console.log(line);
 */
export class Socket implements Iterable<Buffer>, Disposable {
  /** Node's socket, for what has no blocking counterpart here (keep-alive, certificates). Read and write only here. */
  readonly stream: net.Socket;
  readonly #reader: StreamReader;
  readonly #writer: StreamWriter;
  #timeout: number | null = null;
  #localAddress: SocketAddress | undefined;
  #remoteAddress: SocketAddress | undefined;
  #secured: Socket | undefined;

  /** Takes over a connected socket of Node. */
  constructor(stream: net.Socket) {
    this.stream = stream;
    this.#reader = new StreamReader(stream);
    this.#writer = new StreamWriter(stream);
  }

  /**
   * Connects, and with `tls` makes the TLS handshake. Names are looked up, all addresses are tried.
   *
   * @param options `timeout`: for connecting, and then for every call on the socket, in ms.
   * @throws Node's error; `Timeout`.
   */
  static connect(options: ConnectOptions): Socket {
    const socket = connect(options, (stream) => new Socket(stream));
    socket.timeout = options.timeout ?? null;
    return socket;
  }

  /** How long each call may take, in ms; null (the default) = for ever. For `sendAll` and line reads it is a deadline. */
  get timeout(): number | null {
    return this.#timeout;
  }
  /** @throws {RangeError} if it is negative. */
  set timeout(timeout: number | null) {
    checkTimeout(timeout);
    this.#timeout = timeout ?? null;
  }

  /** This end's address. */
  get localAddress(): SocketAddress {
    const { localAddress, localPort, localFamily } = this.stream;
    if (localAddress !== undefined) this.#localAddress ??= toAddress(localAddress, localPort, localFamily);
    return this.#localAddress ?? '';
  }
  /** The other end's address. */
  get remoteAddress(): SocketAddress {
    const { remoteAddress, remotePort, remoteFamily } = this.stream;
    if (remoteAddress !== undefined) this.#remoteAddress ??= toAddress(remoteAddress, remotePort, remoteFamily);
    return this.#remoteAddress ?? '';
  }

  /** Waits for data. @returns up to `max` bytes; an empty Buffer at the end. */
  recv(max = 65536): Buffer {
    return this.#reader.read(max, this.#timeout);
  }

  /** Waits for exactly `count` bytes. @throws {EndOfStreamError} if the end comes before; what came can still be read. */
  recvExactly(count: number): Buffer {
    return this.#reader.readExactly(count, this.#timeout);
  }

  /**
   * Waits for `delimiter`. @returns everything up to it, itself included.
   *
   * @throws {RangeError} if that is more than `max` bytes (1 MB unless given); {EndOfStreamError} if the end comes
   * before. What came can still be read.
   */
  readUntil(delimiter: Bytes, options: { max?: number } = {}): Buffer {
    return this.#reader.readUntil(delimiter, options.max ?? LONGEST_LINE, this.#timeout);
  }

  /** Waits for a line of at most 1 MB. @returns it as a string without `\n` or `\r\n`; null at the end. */
  readLine(): string | null {
    return this.#reader.readLine(this.#timeout);
  }

  /**
   * Sends all of `data`, text as UTF-8; returns when the system has taken it.
   *
   * @throws `Timeout` if that takes too long: the message stays on its way as a whole, `close()` gives it up.
   */
  sendAll(data: Bytes): void {
    this.#writer.write(data, this.#timeout);
  }

  /** Ends sending; the other side reads the end. This side can go on reading. */
  shutdown(): void {
    this.#writer.end(new ClosedError('the socket was shut down for sending'));
  }

  /** Ends both directions. A greenlet that reads or sends meanwhile, and every later call, gets a `ClosedError`. */
  close(): void {
    if (this.#secured !== undefined) {
      this.#secured.close();
      return;
    }
    const error = new ClosedError('the socket was closed');
    this.#reader.close(error);
    this.#writer.close(error);
    // What a timed out sendAll() left behind may never leave: it is given up. Without any, the end is sent in good order.
    if (this.stream.writableLength > 0) this.stream.destroy();
    else this.stream.destroySoon();
  }

  /**
   * Makes the TLS handshake on this connection (STARTTLS), with `isServer` as the server. This Socket is good for nothing
   * but `close()` then.
   *
   * @param options of `tls.connect`, or with `isServer` of `tls.createServer`.
   * @returns the Socket to go on with; it has the same `timeout`.
   * @throws Node's error, or `Timeout`; the connection is closed then.
   */
  upgradeTls(options: UpgradeOptions = {}): Socket {
    const release = (): void => {
      const error = new ClosedError('the socket was upgraded to TLS: go on with what upgradeTls() returned');
      this.#reader.release(error);
      this.#writer.close(error);
    };
    const secure = handshake(this.stream, release, options, (stream) => new Socket(stream), this.#timeout);
    secure.timeout = this.#timeout;
    this.#secured = secure;
    return secure;
  }

  /** The data as it comes, until the end. Leaving the loop leaves the connection open. */
  [Symbol.iterator](): IterableIterator<Buffer> {
    return new ChunkIterator(() => this.recv());
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
