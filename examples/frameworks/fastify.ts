/** fastify: what a handler returns is the response, what it throws is an error response. */
import type { RequestListener } from 'node:http';
import fastify from 'fastify';
import { toAsync, wait } from 'greenlets';
import { endWhenClientGone } from './client-gone.ts';
import { loadProfile } from './profile.ts';

export function makeListener(service: string): RequestListener {
  const app = fastify();
  app.get<{ Params: { name: string } }>(
    '/users/:name',
    toAsync((request, reply) => {
      endWhenClientGone(reply.raw);
      return loadProfile(service, request.params.name);
    }),
  );
  wait(app.ready());
  return (request, response) => app.routing(request, response);
}
