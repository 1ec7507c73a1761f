/** The files of the page, in memory: nothing else of the disk can be asked for. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpRequest, HttpResponse } from 'greenlets/http';
import { EXAMPLES } from '../../assets.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const files = new Map([
  ...load('/page/', new URL('game/page/', EXAMPLES)),
  ...load('/shared/', new URL('../shared/', import.meta.url)), // compiled: the page runs the same code as the server
]);

/** Answers a request for a file of the page. */
export function servePage({ method, path: asked }: HttpRequest): HttpResponse {
  const file = files.get(asked === '/' ? '/page/index.html' : asked);
  if (file === undefined) return { status: 404, body: 'not found\n' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
  return file;
}

function* load(prefix: string, folder: URL): Iterable<[path: string, file: HttpResponse]> {
  for (const name of readdirSync(folder)) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const headers = { 'content-type': type, 'cache-control': 'no-cache' };
    yield [prefix + name, { headers, body: readFileSync(fileURLToPath(new URL(name, folder))) }];
  }
}
