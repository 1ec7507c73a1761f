/** The files for the browser, read once. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpRequest, HttpResponse } from 'greenlets/http';
import { EXAMPLES } from '../assets.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Nothing but these files is loaded or run, whatever a message may contain. */
const SECURITY = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const folder = new URL('chat/page/', EXAMPLES);
const pages = new Map<string, HttpResponse>(
  readdirSync(folder).map((name) => {
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
    const headers = { 'content-type': type, 'cache-control': 'no-cache', ...SECURITY };
    return [`/${name}`, { headers, body: readFileSync(new URL(name, folder)) }];
  }),
);

export function servePage({ method, path }: HttpRequest): HttpResponse {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
  return pages.get(path === '/' ? '/index.html' : path) ?? { status: 404, body: 'not found\n' };
}
