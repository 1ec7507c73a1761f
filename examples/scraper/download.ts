/** One HTTP request. */
import { GreenletExit, iterate, Timeout, wait } from 'greenlets';
import { Agent, request } from 'undici';
import {
  asDownloadError,
  type Download,
  DownloadError,
  isText,
  OVER,
  type RequestOptions,
  readHead,
  requestHeaders,
} from './answer.ts';
import { decompress } from './decompress.ts';

export interface Limits {
  timeout: number;
  maxBytes: number;
  userAgent: string;
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
  get(url: string, { validators, anyType = false }: RequestOptions = {}): Download {
    const { timeout, maxBytes, userAgent } = this.#limits;
    const begun = performance.now();
    const deadline = Timeout.start(timeout);
    const abort = new AbortController();
    try {
      const headers = requestHeaders(userAgent, validators);
      const answer = wait(request(url, { dispatcher: this.#agent, signal: abort.signal, headers }));
      const head = readHead(answer.statusCode, answer.headers);
      const packed = anyType || isText(head.contentType) ? readBody(answer.body, maxBytes) : Buffer.alloc(0);
      const body = decompress(packed, String(answer.headers['content-encoding'] ?? ''), maxBytes);
      return { ...head, body, ms: performance.now() - begun };
    } catch (error) {
      if (error === deadline) throw new DownloadError('timeout', `no answer within ${timeout} ms`, true);
      if (error instanceof GreenletExit || error instanceof DownloadError) throw error;
      throw asDownloadError(error as Error);
    } finally {
      deadline.cancel();
      abort.abort(OVER); // what is still under way is not wanted any more
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
