import type { Readable } from 'node:stream';
import { types } from '../../builtins.ts';
import { wait } from '../../interop/wait.ts';
import { assertBytes, type Bytes, describe } from '../bytes.ts';
import { Feed } from '../feed.ts';

/**
 * What a request can carry: text, bytes, a form (`URLSearchParams`, or `FormData` for a multipart one), a `Blob`, any
 * stream or iterable of text and bytes (an iterable may block), or a plain object, which goes as JSON.
 */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | URLSearchParams
  | FormData
  | Blob
  | Iterable<Bytes>
  | AsyncIterable<Bytes>
  | Record<string, unknown>;

/** What undici takes. */
export type Payload = string | Uint8Array | Blob | Readable | AsyncIterable<Bytes>;

/** A body made ready for undici. */
export interface EncodedBody {
  readonly contentType: string | undefined;
  /** False if it can be sent only once, as it is used up then. */
  readonly replayable: boolean;
  /** What to send; a blocking iterable is run by its Feed, to be stopped when the request ends early. */
  payload(): Payload | Feed<Bytes>;
}

/** Multipart forms of up to so many bytes are sent with their length, larger ones in chunks. */
const LARGEST_KNOWN = 8 * 1024 * 1024;

/** @throws {TypeError} for what cannot be sent. */
export function encodeBody(body: RequestBody): EncodedBody {
  if (typeof body === 'string') return fixed(body, 'text/plain;charset=UTF-8');
  if (body instanceof Uint8Array) return fixed(body);
  if (types.isAnyArrayBuffer(body)) return fixed(new Uint8Array(body));
  if (body instanceof URLSearchParams) return fixed(String(body), 'application/x-www-form-urlencoded;charset=UTF-8');
  if (typeof body !== 'object' || body === null) throw new TypeError(`cannot send ${describe(body)} as a body`);
  const kind = (body as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (kind === 'FormData') return multipart(body as FormData);
  if (kind === 'Blob' || kind === 'File') return fixed(body as Blob, (body as Blob).type || undefined);
  if (Symbol.asyncIterator in body) {
    return { contentType: undefined, replayable: false, payload: () => body as AsyncIterable<Bytes> };
  }
  if (Symbol.iterator in body) return blocking(body as Iterable<Bytes>);
  if (isPlain(body)) return encodeJson(body);
  throw new TypeError(`cannot send ${describe(body)} as a body`);
}

/** A JSON body. @throws {TypeError} for what JSON cannot express. */
export function encodeJson(value: unknown): EncodedBody {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`cannot send ${describe(value)} as JSON`);
  return fixed(text, 'application/json');
}

function fixed(payload: Payload, contentType?: string): EncodedBody {
  return { contentType, replayable: true, payload: () => payload };
}

function blocking(source: Iterable<Bytes>): EncodedBody {
  // Of any other iterable nobody knows whether it gives the same a second time.
  const replayable = Array.isArray(source);
  return { contentType: undefined, replayable, payload: () => new Feed(checked(source)) };
}

function* checked(source: Iterable<unknown>): Generator<Bytes> {
  for (const chunk of source) {
    assertBytes(chunk);
    yield chunk;
  }
}

/** Node's own `Response` knows how to write one. */
function multipart(form: FormData): EncodedBody {
  const response = new Response(form instanceof FormData ? form : copyForm(form));
  const contentType = response.headers.get('content-type') ?? undefined;
  if (sizeOf(form) > LARGEST_KNOWN) {
    return { contentType, replayable: false, payload: () => response.body as unknown as AsyncIterable<Bytes> };
  }
  return fixed(new Uint8Array(wait(response.arrayBuffer())), contentType);
}

/** A form of another copy of undici. */
function copyForm(form: FormData): FormData {
  const copy = new FormData();
  for (const [name, value] of form) copy.append(name, value as string);
  return copy;
}

function sizeOf(form: FormData): number {
  let size = 0;
  for (const [, value] of form) size += typeof value === 'string' ? value.length : value.size;
  return size;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
