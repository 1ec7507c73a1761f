import type { ConnectOptions } from './open-connection.ts';
import { Socket } from './socket.ts';

/** As `Socket` of `greenlets/socket`, but `connect` makes a TLS connection unless `tls` says otherwise. */
export class TlsSocket extends Socket {
  static override connect(options: ConnectOptions): Socket {
    return Socket.connect({ tls: true, ...options });
  }
}
