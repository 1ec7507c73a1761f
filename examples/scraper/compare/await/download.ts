/** One HTTP request. */
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
} from '../../answer.ts';
import type { Limits } from '../../download.ts';
import { decodersFor } from '../../encodings.ts';

export class Downloader {
  readonly #agent: Agent;
  readonly #limits: Limits;

  constructor(limits: Limits, connectionsPerHost: number) {
    this.#limits = limits;
    this.#agent = new Agent({ connections: connectionsPerHost, headersTimeout: 0, bodyTimeout: 0 });
  }

  async get(url: string, { validators, anyType = false }: RequestOptions = {}): Promise<Download> {
    const { timeout, maxBytes, userAgent } = this.#limits;
    const begun = performance.now();
    const abort = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      abort.abort();
    }, timeout);
    try {
      const headers = requestHeaders(userAgent, validators);
      const answer = await request(url, { dispatcher: this.#agent, signal: abort.signal, headers });
      const head = readHead(answer.statusCode, answer.headers);
      const packed = anyType || isText(head.contentType) ? await readBody(answer.body, maxBytes) : Buffer.alloc(0);
      const body = await decompress(packed, String(answer.headers['content-encoding'] ?? ''), maxBytes);
      return { ...head, body, ms: performance.now() - begun };
    } catch (error) {
      if (late) throw new DownloadError('timeout', `no answer within ${timeout} ms`, true);
      if (error instanceof DownloadError) throw error;
      throw asDownloadError(error as Error);
    } finally {
      clearTimeout(timer);
      abort.abort(OVER);
    }
  }

  close(): void {
    this.#agent.destroy(() => {});
  }
}

async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new DownloadError('too large', `more than ${maxBytes} bytes`, false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decompress(body: Buffer, encodings: string, maxBytes: number): Promise<Buffer> {
  if (body.length === 0) return body;
  for (const decode of decodersFor(encodings)) body = await decode(body, { maxOutputLength: maxBytes });
  return body;
}
