/** greenlets examples/frameworks/main.ts express|fastify|koa|hono [port]: serves profiles of a service of its own. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep, toAsync, waitEvent } from 'greenlets';
import { startOrExit } from '../start.ts';
import * as express from './express.ts';
import * as fastify from './fastify.ts';
import * as hono from './hono.ts';
import * as koa from './koa.ts';

const FRAMEWORKS: Record<string, { makeListener(service: string): RequestListener }> = { express, fastify, koa, hono };

/** A service that takes its time: users `/users/<name>` have three posts, `/posts/<number>`. */
const answer: RequestListener = toAsync((request, response) => {
  sleep(100);
  const [, kind, id] = (request.url ?? '').split('/');
  if (kind === 'users') response.end(JSON.stringify({ posts: [1, 2, 3] }));
  else response.end(`post ${id}`);
});

function serve(listener: RequestListener, port: number): string {
  const server = createServer(listener).listen(port, '127.0.0.1');
  waitEvent(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const [name = '', port = '0'] = process.argv.slice(2);
const framework = FRAMEWORKS[name];
if (framework === undefined) {
  console.error(`usage: main.ts ${Object.keys(FRAMEWORKS).join('|')} [port]`);
  process.exit(2);
}
const listener = framework.makeListener(serve(answer, 0));
startOrExit(() => console.log(`${serve(listener, Number(port))}/users/ada`), `${name} <port>`);
