import { describe } from '../bytes.ts';
import { RequestError } from './errors.ts';
import type { HeaderRecord } from './request-headers.ts';

/** What to do about an answer that names another place: go there, hand it to the caller, or fail. */
export type RedirectMode = 'follow' | 'manual' | 'error';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** They tell about a body that is not sent any more. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'];
/** They are meant for the origin that was asked, and for no other. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie', 'host'];

/** @throws {TypeError} for an unknown mode. */
export function checkRedirectMode(mode: unknown): asserts mode is RedirectMode {
  if (mode === 'follow' || mode === 'manual' || mode === 'error') return;
  throw new TypeError(`redirect must be 'follow', 'manual' or 'error', got ${describe(mode)}`);
}

/** A request on its way from one place to the next. */
export interface Hop {
  readonly method: string;
  readonly url: URL;
  readonly headers: HeaderRecord;
  readonly sendsBody: boolean;
}

/** True for an answer that names another place. */
export function isRedirect(status: number, location: string | undefined): location is string {
  return REDIRECTS.has(status) && location !== undefined;
}

/** The place that an answer names. @throws {RequestError} if there is no going there. */
export function redirectTarget({ method, url }: Hop, location: string | undefined): URL {
  const target = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : null;
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:') {
    const why = `redirected to ${describe(location)}, which is no http URL`;
    throw new RequestError(method, url.origin + url.pathname, why, 'ERR_GREENLETS_BAD_REDIRECT');
  }
  target.hash ||= url.hash;
  return target;
}

/**
 * The request to send to `target`, by the rules of Fetch: 303 makes a GET of everything but HEAD, 301 and 302 of POST;
 * others keep method and body. What is secret between the caller and one origin is not told to another.
 */
export function redirected(hop: Hop, status: number, target: URL): Hop {
  const becomesGet =
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD') || (status <= 302 && hop.method === 'POST');
  const dropped = new Set<string>();
  if (becomesGet) for (const name of BODY_HEADERS) dropped.add(name);
  if (target.origin !== hop.url.origin) for (const name of CREDENTIALS) dropped.add(name);
  return {
    method: becomesGet ? 'GET' : hop.method,
    url: target,
    headers: Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !dropped.has(name))),
    sendsBody: hop.sendsBody && !becomesGet,
  };
}
