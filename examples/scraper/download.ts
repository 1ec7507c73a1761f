/** One HTTP request, and what may go wrong with it. */
import { GreenletExit, iterate, Timeout, wait } from 'greenlets';
import { Agent, request } from 'undici';
import { ACCEPT_ENCODING, decompress } from './decompress.ts';

export interface Limits {
  timeout: number;
  maxBytes: number;
  userAgent: string;
}

export interface Download {
  status: number;
  /** Lower-case, without parameters. */
  contentType: string | null;
  charset: string | null;
  /** Where a redirect leads, as the server wrote it. */
  location: string | null;
  /** What the server asks to wait before the next attempt, in ms. */
  retryAfter: number | null;
  /** Empty unless the answer is a text. */
  body: Buffer;
  ms: number;
}

/** The request came to no usable answer. */
export class DownloadError extends Error {
  readonly kind: string;
  /** Whether it may help to try again. */
  readonly passing: boolean;

  constructor(kind: string, message: string, passing: boolean, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.passing = passing;
  }
}

/** The connections of one crawl. */
export class Downloader {
  readonly #agent: Agent;
  readonly #limits: Limits;

  constructor(limits: Limits, connectionsPerHost: number) {
    this.#limits = limits;
    this.#agent = new Agent({ connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 });
  }

  /** Redirects are not followed. @throws {DownloadError} */
  get(url: string): Download {
    const begun = performance.now();
    const deadline = Timeout.start(this.#limits.timeout);
    const abort = new AbortController();
    const { maxBytes } = this.#limits;
    try {
      const { statusCode, headers, body } = wait(
        request(url, {
          dispatcher: this.#agent,
          signal: abort.signal,
          headers: {
            'user-agent': this.#limits.userAgent,
            accept: 'text/html, application/xhtml+xml, */*;q=0.5',
            'accept-encoding': ACCEPT_ENCODING,
          },
        }),
      );
      const [contentType, charset] = readContentType(String(headers['content-type'] ?? ''));
      const packed = isText(contentType) ? readBody(body, maxBytes) : Buffer.alloc(0);
      return {
        status: statusCode,
        contentType,
        charset,
        location: typeof headers.location === 'string' ? headers.location : null,
        retryAfter: readRetryAfter(String(headers['retry-after'] ?? '')),
        body: decompress(packed, String(headers['content-encoding'] ?? ''), maxBytes),
        ms: performance.now() - begun,
      };
    } catch (error) {
      if (error === deadline) throw new DownloadError('timeout', `no answer within ${this.#limits.timeout} ms`, true);
      if (error instanceof GreenletExit || error instanceof DownloadError) throw error;
      throw asDownloadError(error as Error);
    } finally {
      deadline.cancel();
      abort.abort(); // what is still under way is not wanted any more
    }
  }

  close(): void {
    this.#agent.destroy(() => {});
  }
}

function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const chunk of iterate(body)) {
    size += chunk.length;
    if (size > maxBytes) throw new DownloadError('too large', `more than ${maxBytes} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isText(contentType: string | null): boolean {
  return contentType === null || /^text\/|\bxml$/.test(contentType);
}

function readContentType(header: string): [contentType: string | null, charset: string | null] {
  const contentType = header.split(';', 1)[0]?.trim().toLowerCase() || null;
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header)?.[1]?.toLowerCase() ?? null;
  return [contentType, charset];
}

/** Seconds, or a date. */
function readRetryAfter(header: string): number | null {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

const KINDS: Record<string, [kind: string, passing: boolean]> = {
  ECONNREFUSED: ['connection refused', true],
  ECONNRESET: ['connection lost', true],
  EPIPE: ['connection lost', true],
  ERR_BUFFER_TOO_LARGE: ['too large', false],
  UND_ERR_SOCKET: ['connection lost', true],
  ETIMEDOUT: ['timeout', true],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', true],
  EAI_AGAIN: ['unknown host', true],
  ENOTFOUND: ['unknown host', false],
  EHOSTUNREACH: ['unreachable', true],
  ENETUNREACH: ['unreachable', true],
};

function asDownloadError(error: Error & { code?: unknown }): DownloadError {
  const code = String(error.code ?? '');
  const [kind, passing] = KINDS[code] ?? [/CERT|TLS|SSL/.test(code) ? 'certificate' : 'invalid answer', false];
  return new DownloadError(kind, error.message || code, passing, { cause: error });
}
