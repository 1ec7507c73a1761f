import { engine } from '../../engine/raw-greenlet.ts';
import { GreenletError } from '../../errors.ts';
import { Greenlet } from '../../hub/greenlet.ts';
import { enter } from '../../hub/park.ts';
import { ClosedError } from '../errors.ts';
import type { Exchange } from './exchange.ts';

/** Ends what is left unread by those who have forgotten the response. */
const forgotten = new FinalizationRegistry<Exchange>((exchange) => exchange.abort(new ClosedError()));

/**
 * The answer to a request. Its status and headers are there, its body still comes: read it, or `close()` it. One that is
 * left unread is closed when the greenlet that used it last ends, unless that greenlet returns it, or its `body`.
 */
export class ClientResponse implements Disposable {
  readonly status: number;
  readonly statusText: string;
  /** Where it came from, after redirects. */
  readonly url: string;
  readonly redirected: boolean;
  readonly #exchange: Exchange;
  #headers: Headers | undefined;
  #bytes: Buffer | undefined;
  #pieces: Pieces | undefined;
  readonly #lease: Lease | null;

  /** @internal */
  constructor(exchange: Exchange, redirected: boolean) {
    this.status = exchange.status;
    this.statusText = exchange.statusText;
    this.url = exchange.outgoing.url.href;
    this.redirected = redirected;
    this.#exchange = exchange;
    this.#lease = exchange.settled ? null : new Lease(exchange);
    if (this.#lease !== null) forgotten.register(this, exchange, this.#lease);
  }

  /** True for a status of 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      for (const [name, value] of Object.entries(this.#exchange.headers)) {
        for (const one of [value ?? []].flat()) this.#headers.append(name, toByteString(one));
      }
    }
    return this.#headers;
  }

  /**
   * The body, piece by piece as it comes. Leaving the loop closes the response.
   *
   * @throws while it is iterated: `RequestError` if the connection fails, `Timeout`.
   */
  get body(): IterableIterator<Buffer> {
    this.#pieces ??= new Pieces(this, this.#exchange, this.#bytes, this.#lease);
    return this.#pieces;
  }

  /** Waits for the whole body. May be called again. @throws {RequestError} if the connection fails; `Timeout`. */
  bytes(): Buffer {
    if (this.#bytes !== undefined) return this.#bytes;
    if (this.#pieces !== undefined) {
      throw new GreenletError('the body is being read piece by piece', 'ERR_GREENLETS_BODY_USED');
    }
    if (!this.#exchange.settled) enter();
    this.#lease?.take();
    this.#bytes = this.#exchange.readAll();
    return this.#bytes;
  }

  /** The whole body as text, in the charset that the headers tell, else as UTF-8. */
  text(): string {
    return decode(this.bytes(), this.#exchange.headers['content-type']);
  }

  /** The whole body, read as JSON. @throws {SyntaxError} if it is none. */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /** Gives up what was not read yet, and with it the connection. */
  close(): void {
    this.#exchange.abort(new ClosedError('the response was closed'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal True if it is the response of that exchange. */
  isOf(exchange: Exchange): boolean {
    return this.#exchange === exchange;
  }
}

/**
 * Ends an exchange when the greenlet that used it last ends, unless that returns the response or its body. Holds no
 * response, which can therefore be forgotten.
 */
class Lease {
  readonly #exchange: Exchange;
  #holder: Greenlet | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    exchange.onSettled = () => {
      this.#holder?.unlink(this.#onEnd);
      forgotten.unregister(this);
    };
    this.take();
  }

  /** The current greenlet uses it. */
  take(): void {
    const { current } = engine;
    if (this.#exchange.settled || this.#holder === current || !(current instanceof Greenlet)) return;
    this.#holder?.unlink(this.#onEnd);
    this.#holder = current;
    current.watch(this.#onEnd);
  }

  readonly #onEnd = ({ value }: Greenlet): void => {
    const response = value instanceof Pieces ? value.response : value;
    if (response instanceof ClientResponse && response.isOf(this.#exchange)) return;
    this.#exchange.abort(new ClosedError('the response was closed: the greenlet that used it has ended'));
  };
}

/** A body piece by piece. A `next()` that is cut short takes nothing. */
class Pieces implements IterableIterator<Buffer> {
  /** Held, lest it counts as forgotten while its body is read. */
  readonly response: ClientResponse;
  readonly #exchange: Exchange;
  readonly #lease: Lease | null;
  /** The whole body, if it was read before. */
  #whole: Buffer | undefined;

  constructor(response: ClientResponse, exchange: Exchange, whole: Buffer | undefined, lease: Lease | null) {
    this.response = response;
    this.#exchange = exchange;
    this.#whole = whole;
    this.#lease = lease;
  }

  next(): IteratorResult<Buffer, undefined> {
    enter();
    this.#lease?.take();
    const value = this.#whole ?? this.#exchange.read();
    this.#whole = undefined;
    return value === null ? { done: true, value: undefined } : { done: false, value };
  }

  return(): IteratorResult<Buffer, undefined> {
    this.#whole = undefined;
    this.#exchange.abort(new ClosedError('the loop over the body was left'));
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Text as the `charset` of its content type tells; one that is unknown counts as UTF-8. A byte order mark is left out. */
function decode(bytes: Buffer, contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return bytes.toString('utf8', startsWithMark(bytes) ? 3 : 0);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString();
  }
}

function startsWithMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** undici decodes header values as UTF-8, a Fetch `Headers` takes bytes. */
function toByteString(value: string): string {
  return /[^\0-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value;
}
