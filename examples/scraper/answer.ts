/** What is asked of a server, what it answers, and what may go wrong. */
import type { IncomingHttpHeaders } from 'node:http';
import { ACCEPT_ENCODING } from './encodings.ts';
import type { Validators } from './record.ts';

export interface RequestOptions {
  /** Of an answer had before: if nothing has changed since, the answer is a 304. */
  validators?: Validators;
  /** Read the body whatever its type. */
  anyType?: boolean;
}

/** What the headers of an answer say. */
export interface Head {
  status: number;
  /** Lower-case, without parameters. */
  contentType: string | null;
  charset: string | null;
  /** Where a redirect leads, as the server wrote it. */
  location: string | null;
  /** What the server asks to wait before the next attempt, in ms. */
  retryAfter: number | null;
  validators: Validators;
}

export interface Download extends Head {
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

/** What a download that is over is aborted with: without a reason of its own each abort makes an error, with its stack. */
export const OVER = new Error('the download is over');

/** The headers to ask with. */
export function requestHeaders(userAgent: string, validators?: Validators): Record<string, string> {
  const headers: Record<string, string> = {
    'user-agent': userAgent,
    accept: 'text/html, application/xhtml+xml, */*;q=0.5',
    'accept-encoding': ACCEPT_ENCODING,
  };
  if (validators?.etag) headers['if-none-match'] = validators.etag;
  if (validators?.lastModified) headers['if-modified-since'] = validators.lastModified;
  return headers;
}

export function readHead(status: number, headers: IncomingHttpHeaders): Head {
  const type = headers['content-type'] ?? '';
  return {
    status,
    contentType: type.split(';', 1)[0]?.trim().toLowerCase() || null,
    charset: /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1]?.toLowerCase() ?? null,
    location: headers.location ?? null,
    retryAfter: readRetryAfter(headers['retry-after'] ?? ''),
    validators: { etag: headers.etag ?? null, lastModified: headers['last-modified'] ?? null },
  };
}

export function isText(contentType: string | null): boolean {
  return contentType === null || /^text\/|\bxml$/.test(contentType);
}

/** Seconds, or a date. */
function readRetryAfter(header: string): number | null {
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

/** By error code. */
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

export function asDownloadError(error: Error & { code?: unknown }): DownloadError {
  const code = String(error.code ?? '');
  const [kind, passing] = KINDS[code] ?? [/CERT|TLS|SSL/.test(code) ? 'certificate' : 'invalid answer', false];
  return new DownloadError(kind, error.message || code, passing, { cause: error });
}

/** The host has too much to do. */
export function isRefusal(status: number): boolean {
  return status === 429 || status === 503;
}

/** It may help to try again. */
export function isPassing(status: number): boolean {
  return isRefusal(status) || status === 500 || status === 502 || status === 504;
}
