import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { all, spawn } from 'greenlets';
import { Event } from 'greenlets/event';
import { get } from 'greenlets/http';
import { test } from '../../../test/support/leaks.ts';
import { withListener } from '../../../test/support/serving.ts';
import * as express from '../express.ts';
import * as fastify from '../fastify.ts';
import * as hono from '../hono.ts';
import * as koa from '../koa.ts';
import type { Profile } from '../profile.ts';

const REQUESTS = 20;

/** A service that answers nobody before `REQUESTS` of them wait for it. */
function answerAllAtOnce(): RequestListener {
  const waiting: ServerResponse[] = [];
  return (request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/posts/')) return response.end(`post ${url.slice('/posts/'.length)}`);
    if (waiting.push(response) < REQUESTS) return;
    for (const each of waiting.splice(0)) each.end('{"posts":[1,2]}');
  };
}

for (const [name, { makeListener }] of Object.entries({ express, fastify, hono, koa })) {
  test(`${name}: handlers wait, all at the same time`, () => {
    withListener(answerAllAtOnce(), (service) =>
      withListener(makeListener(service), (origin) => {
        const profiles = all(
          Array.from({ length: REQUESTS }, (_, i) => spawn(() => get(`${origin}/users/${i}`).json<Profile>())),
        );
        profiles.forEach((profile, i) => {
          assert.deepEqual(profile, { name: String(i), posts: ['post 1', 'post 2'] });
        });
      }),
    );
  });

  test(`${name}: what a handler throws is an error response`, () => {
    const missing: RequestListener = (_, response) => response.writeHead(404).end();
    withListener(missing, (service) =>
      withListener(makeListener(service), (origin) => {
        const response = get(`${origin}/users/nobody`);
        assert.equal(response.status, 404);
        assert.equal(response.json<Error>().message, 'there is no nobody');
        assert.equal(get(`${origin}/elsewhere`).status, 404);
      }),
    );
  });

  test(`${name}: when its client leaves, a handler ends, and what it waits for`, () => {
    const asked = new Event();
    const abandoned = new Event();
    const silent: RequestListener = (request, response) => {
      if (request.url === '/users/quick') return response.end('{"posts":[]}');
      asked.set();
      response.once('close', () => abandoned.set());
    };
    withListener(silent, (service) =>
      withListener(makeListener(service), (origin) => {
        const client = spawn(() => get(`${origin}/users/slow`));
        assert.ok(asked.wait(10_000));
        client.kill();
        assert.ok(abandoned.wait(10_000));
        assert.deepEqual(get(`${origin}/users/quick`).json(), { name: 'quick', posts: [] });
      }),
    );
  });
}
