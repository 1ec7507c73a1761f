import { HttpServer, type HttpServerOptions } from 'greenlets/http';
import { Socket } from 'greenlets/socket';

export const HOST = { host: '127.0.0.1', port: 0 };

/** A started HttpServer on a free port of loopback; stopped afterwards. */
export function withHttpServer(
  options: Partial<HttpServerOptions> & Pick<HttpServerOptions, 'handle'>,
  body: (port: number, server: HttpServer) => void,
): void {
  using server = new HttpServer({ ...HOST, ...options });
  server.start();
  body((server.address as { port: number }).port, server);
}

/** What a server answered. */
export interface Answer {
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** An HTTP/1.1 client that is not Node's: it sees what is on the wire. */
export class RawClient implements Disposable {
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = Socket.connect({ host: '127.0.0.1', port, timeout: 10_000 });
  }

  send(...lines: string[]): void {
    this.socket.sendAll(lines.join('\r\n'));
  }

  /** Sends a request without a body. */
  get(target: string, ...headers: string[]): void {
    this.send(`GET ${target} HTTP/1.1`, 'Host: test', ...headers, '', '');
  }

  /** Reads a response; `bodyless` for one to a HEAD. */
  read(bodyless = false): Answer {
    const [statusLine = '', ...lines] = this.socket.readUntil('\r\n\r\n').toString('latin1').trimEnd().split('\r\n');
    const headers = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const status = Number(statusLine.split(' ')[1]);
    const none = bodyless || status === 204 || status === 304 || status < 200;
    return { status, headers, body: none ? '' : this.#readBody(headers) };
  }

  #readBody(headers: Map<string, string>): string {
    const length = headers.get('content-length');
    if (length !== undefined) return this.socket.recvExactly(Number(length)).toString();
    if (headers.get('transfer-encoding') !== 'chunked') return Buffer.concat([...this.socket]).toString();
    return this.chunks().join('');
  }

  /** Reads the chunks of a body, as they are framed. */
  chunks(): string[] {
    const chunks: string[] = [];
    for (;;) {
      const size = Number.parseInt(this.socket.readLine() ?? '', 16);
      const chunk = this.socket.recvExactly(size).toString();
      this.socket.recvExactly(2);
      if (size === 0) return chunks;
      chunks.push(chunk);
    }
  }

  /** Everything until the end of the connection; null if it was reset. */
  rest(): string | null {
    try {
      return Buffer.concat([...this.socket]).toString();
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ECONNRESET') return null;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}
