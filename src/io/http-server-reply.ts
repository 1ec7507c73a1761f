/** What a handler returned, as what is to be sent. */
import { inspect } from '../builtins.ts';
import { iterate } from '../interop/iterate.ts';
import { HttpError } from './http-error.ts';

/** A response's body. Pieces of an iterable are sent as they come, as fast as the client takes them. */
export type Body = string | Uint8Array | Iterable<string | Uint8Array> | null | undefined;

/** Header names and values. */
export type HeaderSource =
  | Headers
  | Iterable<readonly [name: string, value: string]>
  | Record<string, string | number | readonly string[]>;

/** A response: status 200, no headers and no body unless given. */
export interface HttpResponse {
  status?: number;
  headers?: HeaderSource;
  body?: Body;
}

/** What `handle` may return. */
export type HandlerResult = Body | HttpResponse | Response;

/** A checked response. */
export interface Reply {
  status: number;
  /** Names and values, alternating. */
  headers: string[];
  body: Exclude<Body, undefined>;
}

/** @throws {TypeError|RangeError} if `result` is nothing that can be sent. */
export function toReply(result: unknown): Reply {
  if (isBody(result)) return { status: 200, headers: [], body: result ?? null };
  if (isFetchResponse(result)) return fromFetch(result);
  if (isHttpResponse(result)) return fromHttpResponse(result);
  const hint = isAsyncIterable(result) ? ': send it with iterate()' : '';
  throw new TypeError(`a handler must return a body or {status, headers, body}, got ${brief(result)}${hint}`);
}

/** What a client gets to see of an error: of its own errors the message, of the server's none. */
export function errorReply(error: HttpError): Reply {
  const { status, message } = error;
  const text = status < 500 ? message : new HttpError(status).message;
  return { status, headers: ['content-type', 'text/plain; charset=utf-8'], body: `${text}\n` };
}

function isBody(value: unknown): value is Body {
  return (
    typeof value === 'string' ||
    value === null ||
    value === undefined ||
    (typeof value === 'object' && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function')
  );
}

/** By its looks: the global class would be loaded just to be asked, and other packages have such classes too. */
function isFetchResponse(value: unknown): value is Response {
  return typeof (value as Partial<Response> | undefined)?.arrayBuffer === 'function' && 'headers' in (value as object);
}

function isAsyncIterable(value: unknown): boolean {
  return typeof (value as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator] === 'function';
}

function isHttpResponse(value: unknown): value is HttpResponse {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  const plain = keys.length > 0 || Object.getPrototypeOf(value) === Object.prototype;
  return plain && keys.every((key) => key === 'status' || key === 'headers' || key === 'body');
}

function fromFetch(response: Response): Reply {
  const { status, body } = response;
  if (response.bodyUsed) throw new TypeError('the body of the Response was used already');
  return {
    status: checkStatus(status),
    headers: flatten(response.headers),
    body: body === null ? null : iterate(body),
  };
}

function fromHttpResponse({ status = 200, headers = {}, body }: HttpResponse): Reply {
  if (!isBody(body)) throw new TypeError(`body must be a string, bytes or an iterable of these, got ${brief(body)}`);
  return { status: checkStatus(status), headers: flatten(headers), body: body ?? null };
}

function checkStatus(status: unknown): number {
  if (Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599) return status as number;
  throw new RangeError(`status must be 200 to 599, got ${brief(status)}`);
}

function flatten(source: HeaderSource): string[] {
  if (typeof source !== 'object' || source === null)
    throw new TypeError(`headers must be an object, got ${brief(source)}`);
  const pairs = (Symbol.iterator in source ? source : Object.entries(source)) as Iterable<[string, unknown]>;
  const flat: string[] = [];
  for (const [name, value] of pairs) {
    for (const single of Array.isArray(value) ? value : [value]) {
      if (typeof single !== 'string' && typeof single !== 'number') {
        throw new TypeError(`the header ${name} must be a string, got ${brief(single)}`);
      }
      flat.push(name, String(single));
    }
  }
  return flat;
}

function brief(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY });
}
