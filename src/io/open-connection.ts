import net from 'node:net';
import tls from 'node:tls';
import { park, type TimeoutLike } from '../hub/park.ts';
import { Timeout } from '../hub/timeout.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../hub/waiter.ts';
import { ClosedError } from './errors.ts';
import { checkEndpoint, type Endpoint } from './socket-address.ts';

/** Where to connect to, and how. */
export interface ConnectOptions extends Endpoint {
  /** For connecting, and then for each call on the socket, in ms. */
  timeout?: number | null;
  /** TLS, with the options of `tls.connect`. The name asked for is `host`, unless they give a `servername`. */
  tls?: boolean | tls.ConnectionOptions;
}

/** The options of `tls.connect` for the client's side, of `tls.createServer` for the server's. */
export type UpgradeOptions =
  | (tls.ConnectionOptions & { isServer?: false | undefined })
  | (tls.TlsOptions & { isServer: true });

/** Connects. */
export function connect<T>(options: ConnectOptions, adopt: (stream: net.Socket) => T): T {
  checkEndpoint(options);
  const { host = 'localhost', port, path, tls: secure = false, timeout } = options;
  const target = {
    ...(path === undefined ? { host, port: port as number } : { path }),
    noDelay: true,
    allowHalfOpen: true,
  };
  const begin = (opening: Opening<T>): net.Socket => {
    if (secure === false) return opening.watch(net.connect(target), 'connect');
    const name = net.isIP(host) === 0 ? { servername: host } : {};
    return opening.watch(tls.connect({ ...name, ...(secure === true ? {} : secure), ...target }), 'secureConnect');
  };
  return new Opening(begin, adopt).wait(timeout);
}

/** Makes a TLS handshake over `stream`, which `release` takes out of other hands first. */
export function handshake<T>(
  stream: net.Socket,
  release: () => void,
  options: UpgradeOptions,
  adopt: (stream: net.Socket) => T,
  timeout: TimeoutLike,
): T {
  const begin = (opening: Opening<T>): net.Socket => {
    if (options.isServer !== true) {
      release();
      return opening.watch(tls.connect({ ...options, socket: stream }), 'secureConnect');
    }
    // Only a tls.Server checks its clients' certificates: one that never listens serves this connection.
    const server = tls.createServer(options);
    server.once('secureConnection', (secured) => {
      secured.allowHalfOpen = true;
      opening.succeed(secured);
    });
    server.once('tlsClientError', (error) => opening.fail(error));
    release();
    stream.allowHalfOpen = false; // a client that leaves in mid-handshake ends it
    server.emit('connection', stream);
    return stream;
  };
  return new Opening(begin, adopt).wait(timeout);
}

/** A connection on its way. It is begun when its greenlet is sure to wait, and destroyed if the wait is cut short. */
class Opening<T> implements WaitSource {
  readonly #begin: (opening: Opening<T>) => net.Socket;
  readonly #adopt: (stream: net.Socket) => T;
  #node: QueueNode | null = null;
  #stream: net.Socket | undefined;

  /** @param adopt is called in the event's own turn: no event after it is missed. */
  constructor(begin: (opening: Opening<T>) => net.Socket, adopt: (stream: net.Socket) => T) {
    this.#begin = begin;
    this.#adopt = adopt;
  }

  wait(timeout: TimeoutLike): T {
    const outcome = park<T>(this, timeout);
    if (outcome === EXPIRED) throw Timeout.expired(timeout as number);
    return outcome;
  }

  register(node: QueueNode): void {
    this.#node = node;
    this.#stream = this.#begin(this);
  }
  unregister(): void {
    this.#node = null;
    this.#stream?.destroy();
  }

  /** Takes `ready` of `stream` for success, its end for failure. */
  watch(stream: net.Socket, ready: 'connect' | 'secureConnect'): net.Socket {
    stream.on('error', (error) => this.fail(error));
    stream.once('close', () => this.fail(new ClosedError('the connection was closed')));
    stream.once(ready, () => this.succeed(stream));
    return stream;
  }

  succeed(stream: net.Socket): void {
    const node = this.#node;
    this.#node = null;
    node?.wake(this.#adopt(stream));
  }
  fail(error: unknown): void {
    const node = this.#node;
    this.#node = null;
    node?.fail(error);
  }
}
