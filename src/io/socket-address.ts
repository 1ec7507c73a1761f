import type { AddressInfo } from 'node:net';

/** Where one end of a TCP or UDP connection is. */
export interface InternetAddress {
  address: string;
  port: number;
  family: 'IPv4' | 'IPv6';
}

/** Where one end of a connection is; the path of a Unix socket, '' if it has none. */
export type SocketAddress = InternetAddress | string;

/** An address as Node gives it, of which it may know nothing. */
export function toAddress(address: string | undefined, port = 0, family: string | undefined = 'IPv4'): SocketAddress {
  return address === undefined ? '' : { address, port, family: family === 'IPv6' ? 'IPv6' : 'IPv4' };
}

/** As `toAddress`, from what `server.address()` gives. */
export function boundAddress(bound: AddressInfo | string | null): SocketAddress {
  if (typeof bound === 'string' || bound === null) return bound ?? '';
  return toAddress(bound.address, bound.port, bound.family);
}

/** A host and a port, or the path of a Unix socket. */
export interface Endpoint {
  host?: string | undefined;
  port?: number | undefined;
  path?: string | undefined;
}

/** @throws {TypeError|RangeError} unless `endpoint` is a host and a port or the path of a Unix socket. */
export function checkEndpoint(endpoint: Endpoint): void {
  if (typeof endpoint !== 'object' || endpoint === null) {
    throw new TypeError(`expected an object with a port or a path, got ${String(endpoint)}`);
  }
  const { host, port, path } = endpoint;
  if (host !== undefined && typeof host !== 'string') throw new TypeError(`host must be a string, got ${String(host)}`);
  if (path !== undefined) {
    if (typeof path !== 'string' || path === '') throw new TypeError(`path must be a path, got ${String(path)}`);
    if (port !== undefined) throw new TypeError('give either a port or a path, not both');
  } else {
    checkPort(port);
  }
}

/** @throws {TypeError|RangeError} unless it is a port number. */
export function checkPort(port: unknown): asserts port is number {
  if (typeof port !== 'number') throw new TypeError(`port must be a number, got ${String(port)}`);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`port must be 0 to 65535, got ${port}`);
}
