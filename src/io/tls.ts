import type { TlsOptions } from 'node:tls';
import { checkServerTls } from './listen.ts';
import type { ConnectOptions } from './open-connection.ts';
import { Socket } from './socket.ts';
import { StreamServer, type StreamServerOptions } from './stream-server.ts';

/** As `Socket` of `greenlets/socket`, but `connect` makes a TLS connection unless `tls` says otherwise. */
export class TlsSocket extends Socket {
  static override connect(options: ConnectOptions): Socket {
    return Socket.connect({ ...options, tls: options?.tls ?? true });
  }
}

/** As `StreamServer` of `greenlets/server`, but always with TLS. */
export class TlsStreamServer extends StreamServer {
  /** @throws {TypeError|RangeError} for bad options; Node's error for a bad key or certificate. */
  constructor(options: StreamServerOptions & { tls: TlsOptions }) {
    checkServerTls(options?.tls);
    super(options);
  }
}
