import type { IncomingMessage } from 'node:http';
import { type SocketAddress, toAddress } from './socket-address.ts';
import { pathOf } from './upgrades.ts';

/** The request with which a WebSocket began. What is not asked for costs nothing. */
export class UpgradeRequest {
  /** Node's request, for what has no counterpart here. */
  readonly incoming: IncomingMessage;
  #headers: Headers | undefined;
  #query: URLSearchParams | undefined;

  /** @internal */
  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
  }

  get method(): string {
    return this.incoming.method as string;
  }
  /** The request's target as it was sent: path and query. */
  get url(): string {
    return this.incoming.url as string;
  }
  /** The path, not decoded. */
  get path(): string {
    return pathOf(this.url);
  }
  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.url.slice(this.path.length + 1)));
  }
  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      const { rawHeaders } = this.incoming;
      for (let i = 0; i < rawHeaders.length; i += 2) {
        this.#headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
      }
    }
    return this.#headers;
  }
  /** The client's end of the connection. */
  get remoteAddress(): SocketAddress {
    const { remoteAddress, remotePort, remoteFamily } = this.incoming.socket;
    return toAddress(remoteAddress, remotePort, remoteFamily);
  }
}
