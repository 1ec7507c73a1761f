/** A web site of a few pages for one test. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { withListener } from '../../../test/support/serving.ts';

/** HTML, or a handler that answers itself. */
export type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** By path. One that is missing is a 404. */
export type Pages = Record<string, Answer>;

export interface Site {
  /** Without a slash at the end. */
  origin: string;
  /** What is served; may be changed. */
  pages: Pages;
  /** Paths in the order of their requests, robots.txt left out. */
  requests: string[];
}

/** Serves `pages` while `body` runs. */
export function withSite<T>(pages: Pages, body: (site: Site) => T): T {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    const path = request.url ?? '/';
    if (path !== '/robots.txt') requests.push(path);
    const answer = pages[path];
    if (typeof answer === 'function') answer(request, response);
    else if (answer === undefined) response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
    else response.setHeader('content-type', 'text/html').end(answer);
  };
  return withListener(listener, (origin) => body({ origin, pages, requests }));
}

export function links(...hrefs: string[]): string {
  return hrefs.map((href) => `<a href="${href}">${href}</a>`).join('\n');
}

export function redirectTo(location: string, status = 302): Answer {
  return (_request, response) => response.writeHead(status, { location }).end();
}

export function text(body: string): Answer {
  return (_request, response) => response.setHeader('content-type', 'text/plain').end(body);
}
