import http from 'node:http';
import type { Duplex } from 'node:stream';

/** Takes over a connection whose request asked to be upgraded. */
export type Upgrader = (request: http.IncomingMessage, stream: Duplex, head: Buffer) => void;

/** Who takes the upgrades of an HTTP server, by URL path; undefined stands for all paths. */
class Upgrades {
  readonly #server: http.Server;
  readonly #byPath = new Map<string | undefined, Upgrader>();

  constructor(server: http.Server) {
    this.#server = server;
  }

  /** @throws {Error} if somebody takes the path already. */
  add(path: string | undefined, upgrader: Upgrader): void {
    if (this.#byPath.has(path)) throw new Error(`${path ?? 'every path'} is taken by another WebSocketServer`);
    if (this.#byPath.size === 0) this.#server.on('upgrade', this.#onUpgrade);
    this.#byPath.set(path, upgrader);
  }

  delete(path: string | undefined): void {
    this.#byPath.delete(path);
    if (this.#byPath.size === 0) this.#server.off('upgrade', this.#onUpgrade);
  }

  readonly #onUpgrade: Upgrader = (request, stream, head) => {
    const upgrader = this.#byPath.get(pathOf(request.url)) ?? this.#byPath.get(undefined);
    if (upgrader !== undefined) upgrader(request, stream, head);
    // Whoever else listens may know the path.
    else if (this.#server.listenerCount('upgrade') === 1) refuse(stream, 404);
  };
}

const known = new WeakMap<http.Server, Upgrades>();

/** The upgrades of `server`. */
export function upgradesOf(server: http.Server): Upgrades {
  let upgrades = known.get(server);
  if (upgrades === undefined) {
    upgrades = new Upgrades(server);
    known.set(server, upgrades);
  }
  return upgrades;
}

/** Answers with an error and closes the connection. */
export function refuse(stream: Duplex, status: number): void {
  stream.on('error', () => {});
  stream.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pathOf(url = '/'): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}
