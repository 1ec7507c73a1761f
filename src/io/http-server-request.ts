import type { IncomingMessage } from 'node:http';
import { GreenletError, type GreenletExit } from '../errors.ts';
import { ChunkIterator } from './chunk-iterator.ts';
import { HttpError } from './http-error.ts';
import { type SocketAddress, toAddress } from './socket-address.ts';
import { StreamReader } from './stream-reader.ts';

const CHUNK = 65536;

/**
 * One request to an HttpServer. Reading the body blocks; what is not asked for costs nothing.
 *
 * The body is read once: as a whole by `bytes`, `text` and `json`, which may be called again, or in pieces by `body`. More
 * than `bodyLimit` bytes of it raise an HttpError with status 413, and so does the server when nobody catches that.
 */
export class HttpRequest {
  /** Node's request, for what has no counterpart here. Its body is read only through this object. */
  readonly incoming: IncomingMessage;
  readonly #bodyLimit: number;
  readonly #onFirstRead: (() => void) | null;
  #headers: Headers | undefined;
  #query: URLSearchParams | undefined;
  #abort: AbortController | undefined;
  #leftBecause: GreenletExit | undefined;
  #reader: StreamReader | undefined;
  #received = 0;
  #chunks: Buffer[] = [];
  #bytes: Buffer | undefined;
  #body: IterableIterator<Buffer> | undefined;

  /** @internal */
  constructor(incoming: IncomingMessage, bodyLimit: number, onFirstRead: (() => void) | null) {
    this.incoming = incoming;
    this.#bodyLimit = bodyLimit;
    this.#onFirstRead = onFirstRead;
  }

  get method(): string {
    return this.incoming.method as string;
  }
  /** The request's target as it was sent: path and query, as a rule. */
  get url(): string {
    return this.incoming.url as string;
  }
  /** The path, not decoded. */
  get path(): string {
    const { url } = this;
    const begin = url.startsWith('/') ? 0 : beginOfPath(url);
    const end = url.indexOf('?', begin);
    return url.slice(begin, end === -1 ? undefined : end) || '/';
  }
  get query(): URLSearchParams {
    const begin = this.url.indexOf('?');
    return (this.#query ??= new URLSearchParams(begin === -1 ? '' : this.url.slice(begin + 1)));
  }
  get headers(): Headers {
    return (this.#headers ??= toHeaders(this.incoming.rawHeaders));
  }
  /** `1.1` or `1.0`. */
  get httpVersion(): string {
    return this.incoming.httpVersion;
  }
  /** The client's end of the connection. */
  get remoteAddress(): SocketAddress {
    const { remoteAddress, remotePort, remoteFamily } = this.incoming.socket;
    return toAddress(remoteAddress, remotePort, remoteFamily);
  }
  /** Aborts when the client leaves before it has the whole response. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#leftBecause !== undefined) this.#abort.abort(this.#leftBecause);
    }
    return this.#abort.signal;
  }

  /** Waits for the whole body. @throws {HttpError} 413 if it is too long. */
  bytes(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes;
    if (this.#body !== undefined) throw new GreenletError('the body is being read in pieces, or was');
    for (let chunk = this.#read(); chunk.length > 0; chunk = this.#read()) this.#chunks.push(chunk);
    this.#bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return this.#bytes;
  }
  /** Waits for the whole body, as UTF-8. @throws as `bytes`. */
  text(): string {
    return this.bytes().toString();
  }
  /** Waits for the whole body, as JSON. @throws {HttpError} 400 if it is none; as `bytes`. */
  json<T = unknown>(): T {
    const text = this.text();
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new HttpError(400, 'the body is not valid JSON', { cause: error });
    }
  }
  /** The body as it comes; the client has to wait meanwhile. There is one iterator: it can be left and gone on with. */
  get body(): IterableIterator<Buffer> {
    if (this.#bytes !== undefined || this.#chunks.length > 0) throw new GreenletError('the body was read as a whole');
    return (this.#body ??= new ChunkIterator(() => this.#read()));
  }

  /** @internal The client has left. */
  abort(reason: GreenletExit): void {
    this.#leftBecause = reason;
    this.#abort?.abort(reason);
  }

  /** The next piece; empty at the end. */
  #read(): Buffer {
    this.#reader ??= this.#begin();
    const chunk = this.#received > this.#bodyLimit ? null : this.#reader.read(CHUNK, null);
    this.#received += chunk?.length ?? 0;
    if (chunk === null || this.#received > this.#bodyLimit) throw tooLong(this.#bodyLimit);
    return chunk;
  }

  #begin(): StreamReader {
    if (Number(this.incoming.headers['content-length'] ?? 0) > this.#bodyLimit) throw tooLong(this.#bodyLimit);
    this.#onFirstRead?.();
    return new StreamReader(this.incoming);
  }
}

function tooLong(limit: number): HttpError {
  return new HttpError(413, `the body is longer than ${limit} bytes`);
}

/** Where the path begins in `http://host/path`. */
function beginOfPath(url: string): number {
  const host = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url);
  return host === null ? 0 : host[0].length;
}

function toHeaders(raw: string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i < raw.length; i += 2) headers.append(raw[i] as string, raw[i + 1] as string);
  return headers;
}
