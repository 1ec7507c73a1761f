import net from 'node:net';
import { checkpoint, park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { EXPIRED } from '../hub/waiter.ts';
import { ClosedError } from './errors.ts';
import { checkListenOptions, type ListenOptions, listen } from './listen.ts';
import { Socket } from './socket.ts';
import { boundAddress, type SocketAddress } from './socket-address.ts';

/**
 * A listening TCP or Unix socket.
 *
 * Connections that nobody accepts yet wait unread, at most `backlog` of them; further ones are closed at once. Several
 * greenlets may accept: they are served in the order in which they came, and one that is killed loses no connection.
 *
 * @example
 * using listener = Listener.listen({ port: 8000 });
 * for (;;) spawn(serve, listener.accept());
 */
export class Listener implements Disposable {
  readonly #server: net.Server;
  readonly #backlog: number;
  readonly #waiting: Socket[] = [];
  readonly #acceptors = new WaitQueue();
  #address: SocketAddress = '';
  #closed = false;

  private constructor(backlog: number) {
    this.#backlog = backlog;
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#server.on('connection', this.#onConnection);
    this.#server.on('error', this.#onError);
  }

  /** Waits until it listens: at `host` (all interfaces unless given) and `port` (0 = any free one), or at `path`. */
  static listen(options: ListenOptions): Listener {
    const listener = new Listener(checkListenOptions(options));
    listen(listener.#server, options);
    listener.#address = boundAddress(listener.#server.address());
    return listener;
  }

  /** Where it listens; where it listened, once closed. */
  get address(): SocketAddress {
    return this.#address;
  }

  /**
   * Waits for a connection.
   *
   * @throws `Timeout`; {ClosedError} if the listener is closed; Node's error if the system could not accept.
   */
  accept(timeout?: TimeoutLike): Socket {
    if (timeout !== 0) checkpoint();
    if (this.#closed) throw new ClosedError('the listener was closed');
    const socket = this.#waiting.shift() ?? park<Socket>(this.#acceptors, timeout);
    if (socket === EXPIRED) throw Timeout.expired(timeout as number);
    return socket;
  }

  /** Stops listening. Greenlets in `accept` get a `ClosedError`; connections that nobody accepted are closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#server.close();
    for (const socket of this.#waiting.splice(0)) socket.close();
    this.#acceptors.failAll(new ClosedError('the listener was closed'));
  }

  /** As `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onConnection = (stream: net.Socket): void => {
    const socket = new Socket(stream);
    if (this.#acceptors.wakeOne(socket)) return;
    if (this.#waiting.length < this.#backlog) this.#waiting.push(socket);
    else stream.destroy();
  };
  readonly #onError = (error: Error): void => {
    this.#acceptors.shift()?.fail(error);
  };
}
