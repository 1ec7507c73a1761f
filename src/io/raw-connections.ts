import type { Server, Socket } from 'node:net';

/**
 * The connections beneath a TLS server. Node's own lists know them only from the end of their handshake on, and a stalled
 * handshake would outlive the server for minutes.
 */
export class RawConnections {
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
