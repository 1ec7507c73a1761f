/** The HTTP client: a request reads like the loop that it is, over redirects, retries and cookies. */
import type { Dispatcher } from 'undici';
import { assertCanBlock, enter, type TimeoutLike } from '../../hub/park.ts';
import { wait } from '../../interop/wait.ts';
import { describe } from '../bytes.ts';
import { agentFor, type TlsOptions } from './agents.ts';
import { ClientResponse } from './client-response.ts';
import { ACCEPT_ENCODING } from './content-decoder.ts';
import { RequestError, RequestTimeout } from './errors.ts';
import { Exchange } from './exchange.ts';
import { checkRedirectMode, type Hop, isRedirect, type RedirectMode, redirected, redirectTarget } from './redirect.ts';
import { type EncodedBody, encodeBody, encodeJson, type RequestBody } from './request-body.ts';
import { type HeadersLike, toHeaderRecord } from './request-headers.ts';
import { type RetryOptions, toRetryPolicy, withRetries } from './retry.ts';
import { Times } from './times.ts';

/** A jar of cookies, such as tough-cookie's `CookieJar`. */
export interface CookieJar {
  getCookieString(url: string): string | PromiseLike<string>;
  setCookie(cookie: string, url: string, options: { ignoreError: boolean }): unknown;
}

/** What a request may be told. */
export interface RequestOptions {
  /** GET unless given, POST with a body. */
  method?: string;
  headers?: HeadersLike;
  body?: RequestBody;
  /** Any value to send as JSON, in place of `body`. */
  json?: unknown;
  /** The time of the whole: redirects, retries and reading the response's body; in ms, or a signal. */
  timeout?: TimeoutLike;
  /** How long each try may wait for a connection, in ms; 10 s at most. */
  connectTimeout?: number | null;
  /** How long each try may wait for the response to begin, once there is a connection, in ms. */
  headersTimeout?: number | null;
  /** How long a read may wait for more of the response's body, in ms. */
  bodyTimeout?: number | null;
  /** Ends the request, and the reading of the response, with its reason. */
  signal?: AbortSignal;
  /** What to do about redirects: follow them, which is the default. */
  redirect?: RedirectMode;
  /** 20 unless given. */
  maxRedirects?: number;
  /** How often to try again, 0 unless given. Only what does no harm when done twice is. */
  retry?: number | RetryOptions;
  /** Where cookies come from and go to. */
  cookieJar?: CookieJar;
  tls?: TlsOptions;
  /** Ask for compressed responses and decompress them: true unless given. */
  decompress?: boolean;
  /** What makes the connections, in place of our pool: undici's `ProxyAgent`, `MockAgent`, … */
  dispatcher?: Dispatcher;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;

/**
 * Makes a request, and waits until the response has begun. Connections are kept and used again. A 4xx or 5xx is a
 * response, too.
 *
 * A greenlet that is killed meanwhile, or whose time is over, takes the request along.
 *
 * @throws {RequestError} if there is no response, with the code of Node or undici and their error as `cause`; `Timeout`;
 * the signal's reason; {TypeError|RangeError} for bad input.
 * @example
 * const { name } = request('https://example.org/user', { timeout: 5000, retry: 3 }).json<User>();
 */
export function request(url: string | URL, options: RequestOptions = {}): ClientResponse {
  const call = new Call(url, options);
  try {
    return follow(call);
  } catch (error) {
    if (error instanceof RequestError || error instanceof RequestTimeout) Error.captureStackTrace(error, request);
    throw error;
  }
}

/** Sends the request to wherever the answers lead. */
function follow(call: Call): ClientResponse {
  let { hop } = call;
  for (let redirects = 0; ; redirects++) {
    const exchange = call.send(hop);
    const { status, headers } = exchange;
    if (call.redirect === 'manual' || !isRedirect(status, headers.location)) {
      return new ClientResponse(exchange, redirects > 0);
    }
    exchange.discard();
    if (call.redirect === 'error') throw failure(hop, `redirected to ${headers.location}`, 'ERR_GREENLETS_REDIRECTED');
    if (redirects >= call.maxRedirects) {
      throw failure(hop, `more than ${call.maxRedirects} redirects`, 'ERR_GREENLETS_TOO_MANY_REDIRECTS');
    }
    const next = redirected(hop, status, redirectTarget(hop, headers.location));
    if (next.sendsBody && call.body?.replayable === false) {
      throw failure(hop, 'redirected, but the body can be sent only once', 'ERR_GREENLETS_BODY_USED');
    }
    hop = next;
  }
}

/** As `request` with method GET. */
export function get(url: string | URL, options: RequestOptions = {}): ClientResponse {
  return request(url, { ...options, method: 'GET' });
}

/** As `request` with method POST and a body: text, bytes, a form, a stream, an iterable, or an object to go as JSON. */
export function post(url: string | URL, body?: RequestBody, options: RequestOptions = {}): ClientResponse {
  return request(url, { ...options, method: 'POST', ...(body === undefined ? {} : { body }) });
}

/** What stays the same over all redirects and retries of a request. */
class Call {
  readonly hop: Hop;
  readonly body: EncodedBody | null;
  readonly redirect: RedirectMode;
  readonly maxRedirects: number;
  readonly #options: RequestOptions;
  readonly #times: Times;
  readonly #signals: readonly AbortSignal[];
  readonly #retry: Required<RetryOptions>;

  /** Checks everything; nothing is sent yet. */
  constructor(url: string | URL, options: RequestOptions) {
    const { timeout, signal, redirect = 'follow', maxRedirects = 20 } = options;
    checkRedirectMode(redirect);
    if (!(maxRedirects >= 0)) throw new RangeError(`maxRedirects must be 0 or more, got ${describe(maxRedirects)}`);
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError(`signal must be an AbortSignal, got ${describe(signal)}`);
    }
    enter(timeout);
    signal?.throwIfAborted();
    assertCanBlock();
    this.redirect = redirect;
    this.maxRedirects = maxRedirects;
    this.#options = options;
    this.#retry = toRetryPolicy(options.retry);
    this.#signals = [signal, timeout].filter((given) => given instanceof AbortSignal);
    const { connectTimeout: connect, headersTimeout: headers, bodyTimeout: body } = options;
    this.#times = new Times(typeof timeout === 'number' ? timeout : null, { connect, headers, body });
    this.body = bodyOf(options);
    this.hop = firstHop(url, options, this.body);
  }

  /** Waits for the response to one request, or for the last one if it is made again. */
  send(hop: Hop): Exchange {
    const again = this.#retry.methods.includes(hop.method) && !(hop.sendsBody && this.body?.replayable === false);
    const policy = again ? this.#retry : { ...this.#retry, limit: 0 };
    return withRetries(policy, this.#times, this.#signals, () => this.#sendOnce(hop));
  }

  #sendOnce(hop: Hop): Exchange {
    const { cookieJar: jar, tls, decompress = true, dispatcher = agentFor(tls) } = this.#options;
    const { method, url } = hop;
    const payload = hop.sendsBody && this.body !== null ? this.body.payload() : null;
    const headers = jar === undefined ? hop.headers : withCookies(hop, wait(jar.getCookieString(url.href)));
    const outgoing = { method, url, headers, payload, decompress };
    const exchange = new Exchange(dispatcher, outgoing, this.#times, this.#signals);
    try {
      exchange.waitForHeaders();
      for (const cookie of exchange.headers['set-cookie'] ?? []) {
        if (jar !== undefined) wait(jar.setCookie(cookie, url.href, { ignoreError: true }));
      }
      return exchange;
    } catch (error) {
      exchange.abort(error);
      throw error;
    }
  }
}

function bodyOf({ body, json }: RequestOptions): EncodedBody | null {
  if (json !== undefined && body !== undefined) throw new TypeError('either body or json can be given, not both');
  if (json !== undefined) return encodeJson(json);
  return body === undefined ? null : encodeBody(body);
}

function firstHop(given: string | URL, options: RequestOptions, body: EncodedBody | null): Hop {
  const url = new URL(given);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`expected an http URL, got ${given}`);
  const { method = body === null ? 'GET' : 'POST', decompress = true } = options;
  if (typeof method !== 'string' || !TOKEN.test(method)) {
    throw new TypeError(`expected an HTTP method, got ${describe(method)}`);
  }
  const headers = toHeaderRecord(options.headers);
  if (decompress) headers['accept-encoding'] ??= ACCEPT_ENCODING;
  if (body?.contentType !== undefined) headers['content-type'] ??= body.contentType;
  if (url.username !== '' || url.password !== '') {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization ??= `Basic ${Buffer.from(credentials).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  return { method: method.toUpperCase(), url, headers, sendsBody: body !== null };
}

function withCookies({ headers }: Hop, cookies: string): Hop['headers'] {
  if (cookies === '') return headers;
  const own = headers.cookie;
  return { ...headers, cookie: own === undefined ? cookies : [own, cookies].flat().join('; ') };
}

function failure({ method, url }: Hop, why: string, code: string): RequestError {
  return new RequestError(method, url.origin + url.pathname, why, code);
}
