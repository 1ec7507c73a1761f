/** A web site with everything that goes wrong on the web, which knows what a crawl of it must find. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitCallback, waitEvent } from 'greenlets';

/** What a crawl must find at an address. */
export interface Expectation {
  outcome: 'page' | 'redirect' | 'skipped' | 'error';
  error: string | null;
  /** How often the server must have been asked. */
  requests: number;
}

/** A request that failed for a passing reason is repeated so often. */
export const RETRIES = 2;
/** An answer that takes longer, in ms, is none. */
export const TIMEOUT = 3000;

const CHILDREN = 4;
const SLOWEST = 50;
const DEEP = 1000;

type Answer = (request: IncomingMessage, response: ServerResponse, visits: number) => void;

interface Place extends Expectation {
  answer: Answer;
}

export class TrialSite {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly size: number;
  /** Requests by path. */
  readonly requests = new Map<string, number>();
  /** When each request came, in ms. */
  readonly times: number[] = [];
  mostAtOnce = 0;
  readonly #places = new Map<string, Place>();
  readonly #server: Server;
  readonly #faults: boolean;
  #now = 0;

  /** @param size numbered pages; with faults, there are more addresses, and answers take their time. */
  constructor(size: number, { faults = true } = {}) {
    this.size = size;
    this.#faults = faults;
    for (let i = 0; i < size; i++) this.#addPage(i);
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.listen(0, '127.0.0.1');
    waitEvent(this.#server, 'listening');
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  expectations(): Map<string, Expectation> {
    return new Map([...this.#places].map(([path, place]) => [this.origin + path, place]));
  }

  close(): void {
    this.#server.closeAllConnections();
    waitCallback((done) => this.#server.close(done));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    const visits = (this.requests.get(path) ?? 0) + 1;
    this.requests.set(path, visits);
    this.times.push(performance.now());
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#now);
    response.on('close', () => this.#now--);
    if (path === '/robots.txt') response.end('User-agent: *\nDisallow: /private/\n');
    else if (!this.#faults) this.#answer(path)(request, response, visits);
    else setTimeout(() => this.#answer(path)(request, response, visits), random(this.times.length) * SLOWEST);
  }

  #answer(path: string): Answer {
    return this.#places.get(path)?.answer ?? ((_, response) => response.writeHead(404).end());
  }

  /** Page `i` links to its children in the tree of all pages, to others at random, and to what is wrong around here. */
  #addPage(i: number): void {
    const path = pathOf(i);
    const links = Array.from({ length: CHILDREN }, (_, k) => i * CHILDREN + k + 1)
      .filter((child) => child < this.size)
      .map((child) => (child % 25 === 5 ? this.#addRedirect(`/old/${child}`, pathOf(child)) : pathOf(child)));
    for (let k = 0; k < 3; k++) links.push(`${pathOf(Math.floor(random(i * 7 + k) * this.size))}#part-${k}`);
    if (this.#faults) this.#addFaults(i, path, links);
    const page: Place = { outcome: 'page', error: null, requests: 1, answer: sendPage(i, links) };
    if (this.#faults && i % 250 === 31) Object.assign(page, { requests: 2, answer: second(page.answer, refuse) });
    if (this.#faults && i % 80 === 37) Object.assign(page, { requests: 2, answer: second(page.answer, hangUp) });
    this.#places.set(path, page);
  }

  #addFaults(i: number, path: string, links: string[]): void {
    if (i % 50 === 7) links.push(this.#addFault(`/missing/${i}`, 'HTTP 404', 1, sendStatus(404)));
    if (i % 70 === 11) links.push(this.#addFault(`/failing/${i}`, 'HTTP 500', RETRIES + 1, sendStatus(500)));
    if (i % 300 === 13) links.push(this.#addFault(`/hanging-up/${i}`, 'connection lost', RETRIES + 1, hangUp));
    if (i % 1000 === 917) links.push(this.#addFault(`/silent/${i}`, 'timeout', RETRIES + 1, () => {}));
    if (i % 100 === 19) links.push(this.#addLoop(i));
    if (i % 30 === 23) links.push(this.#addPrivate(`/private/${i}`));
    if (i % 40 === 29) links.push(this.#addCopy(`${path}?session=${i}`, path));
  }

  #addRedirect(path: string, goal: string): string {
    this.#places.set(path, { outcome: 'redirect', error: null, requests: 1, answer: sendRedirect(goal) });
    return path;
  }

  #addLoop(i: number): string {
    this.#addRedirect(`/loop/${i}/a`, `/loop/${i}/b`);
    this.#addFault(`/loop/${i}/b`, 'redirect loop', 1, sendRedirect(`/loop/${i}/a`));
    return `/loop/${i}/a`;
  }

  #addFault(path: string, error: string, requests: number, answer: Answer): string {
    this.#places.set(path, { outcome: 'error', error, requests, answer });
    return path;
  }

  #addPrivate(path: string): string {
    this.#places.set(path, { outcome: 'skipped', error: 'robots.txt', requests: 0, answer: sendStatus(200) });
    return path;
  }

  #addCopy(path: string, canonical: string): string {
    const html = `<link rel="canonical" href="${canonical}"><title>Copy</title>`;
    this.#places.set(path, { outcome: 'page', error: null, requests: 1, answer: sendHtml(html) });
    return path;
  }
}

export function pathOf(i: number): string {
  return i === 0 ? '/' : `/page/${i}.html`;
}

export function titleOf(i: number): string {
  return `Página ${i}`;
}

/** The same number, 0 to 1, for the same `seed`. */
function random(seed: number): number {
  const x = Math.sin(seed * 127.1 + 311.7) * 43758.5453;
  return x - Math.floor(x);
}

/** Every page is broken in one of several ways; browsers show them all the same. */
function sendPage(i: number, links: string[]): Answer {
  const title = `<title>${titleOf(i)}</title>`;
  const anchors = links.map((link) => `<a href="${link}">${link}</a>`);
  const text = `<p>${'Much ado about nothing. '.repeat(20 + (i % 60))}`;
  switch (i % 6) {
    case 0:
      return sendHtml(`<!doctype html><html lang=es>${title}<main>${text}${anchors.join('\n')}</main></html>`);
    case 1: // nothing is closed
      return sendHtml(`<html><head>${title}<body><div><table><tr><td>${text}<ul><li>${anchors.join('<li>')}`);
    case 2: // attributes without quotes, elements in the wrong order
      return sendHtml(
        `<body></body>${title}${links.map((link) => `<A HREF=${link} CLASS='x">${link}`).join("'></a>")}'>`,
      );
    case 3: // in another encoding, which only the page itself knows
      return sendHtml(Buffer.from(`<meta charset=latin1>${title}${text}${anchors.join('</b></i>')}`, 'latin1'));
    case 4:
      return i % 600 === 4
        ? sendHtml(title + '<div>'.repeat(DEEP) + anchors.join(''))
        : sendHtml(title + anchors.join(''));
    default: // a comment that never ends, after the links
      return sendHtml(`<?php ?><!-- > -->${title}${anchors.join('')}<!-- ${text}`);
  }
}

function sendHtml(html: string | Buffer): Answer {
  return (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html);
}

function sendStatus(status: number): Answer {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/html' }).end('<a href="/never">no</a>');
}

function sendRedirect(location: string): Answer {
  return (_, response) => response.writeHead(301, { location }).end();
}

const hangUp: Answer = (request) => request.socket.destroy();

const refuse: Answer = (_, response) => response.writeHead(503, { 'retry-after': '0' }).end();

/** `answer`, but `fault` at the first visit. */
function second(answer: Answer, fault: Answer): Answer {
  return (request, response, visits) => (visits === 1 ? fault : answer)(request, response, visits);
}
