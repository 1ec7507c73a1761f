/** Pages for the browser. Their files are read once: nothing else of the disk can be asked for. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpRequest, HttpResponse } from 'greenlets/http';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Nothing but these files is loaded or run, whatever somebody may have got into a page. */
const SECURITY = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** A handler that serves the files of folders, each folder at the path that is its key. `/` is index.html. */
export function servePages(folders: Record<string, URL>): (request: HttpRequest) => HttpResponse {
  const files = new Map(Object.entries(folders).flatMap(([at, folder]) => [...filesIn(folder, at)]));
  return ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' } };
    return files.get(path === '/' ? '/index.html' : path) ?? { status: 404, body: 'not found\n' };
  };
}

/** The responses of a folder, but for files that are not for browsers. */
function* filesIn(folder: URL, at: string): Iterable<[path: string, file: HttpResponse]> {
  for (const name of readdirSync(folder)) {
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const headers = { 'content-type': type, 'cache-control': 'no-cache', ...SECURITY };
    yield [at + name, { headers, body: readFileSync(new URL(name, folder)) }];
  }
}
