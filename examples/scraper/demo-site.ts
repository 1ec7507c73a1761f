/** Web sites to crawl without a network: the documentation and demos that two npm packages ship, each on a port. */
import { createReadStream, type Stats } from 'node:fs';
import fs from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { toAsync, toSync, waitCallback, waitEvent } from 'greenlets';

const PACKAGES = ['cannon', 'p2'];
const START = ['', 'demos/', 'docs/', 'examples/'];
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.txt': 'text/plain',
  '.json': 'application/json',
};
const { stat, readdir } = toSync(fs);

export class DemoSites {
  readonly #servers = PACKAGES.map(serve);
  /** Where to begin. */
  readonly urls: string[] = this.#servers.flatMap((server) => {
    const { port } = server.address() as AddressInfo;
    return START.map((folder) => `http://127.0.0.1:${port}/${folder}`);
  });

  close(): void {
    for (const server of this.#servers) waitCallback((done) => server.close(done));
  }
}

function serve(packageName: string): Server {
  const root = path.dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  const server = createServer(
    toAsync((request: IncomingMessage, response: ServerResponse) => answer(root, request, response)),
  );
  server.listen(0, '127.0.0.1');
  waitEvent(server, 'listening');
  return server;
}

/** As static web servers do: files, index.html for folders, a list where there is none. */
function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const file = path.join(root, path.normalize(`/${decodeURIComponent(pathname)}`));
  const stats = statOf(file);
  if (stats === null) send(response, 404, '<h1>Not found</h1>');
  else if (!stats.isDirectory()) sendFile(response, file);
  else if (!pathname.endsWith('/')) response.writeHead(301, { location: `${pathname}/` }).end();
  else if (statOf(path.join(file, 'index.html')) !== null) sendFile(response, path.join(file, 'index.html'));
  else send(response, 200, listing(pathname, file));
}

function statOf(file: string): Stats | null {
  try {
    return stat(file);
  } catch {
    return null;
  }
}

function sendFile(response: ServerResponse, file: string): void {
  response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
  createReadStream(file).pipe(response);
}

function send(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html>\n${html}`);
}

function listing(pathname: string, folder: string): string {
  const entries = readdir(folder, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const items = names.map((name) => `<li><a href="${encodeURI(name)}">${name}</a></li>`);
  return `<title>${pathname}</title>\n<h1>${pathname}</h1>\n<ul>\n${items.join('\n')}\n</ul>`;
}
