/** hono, on @hono/node-server: a handler returns its response. */
import type { RequestListener } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { toAsync } from 'greenlets';
import { type Context, Hono } from 'hono';
import { endWhenClientGone } from './client-gone.ts';
import { loadProfile, NotFound } from './profile.ts';

type Env = { Bindings: HttpBindings };

export function makeListener(service: string): RequestListener {
  const app = new Hono<Env>();
  app.get(
    '/users/:name',
    toAsync((context: Context<Env, '/users/:name'>) => {
      endWhenClientGone(context.env.outgoing);
      return context.json(loadProfile(service, context.req.param('name')));
    }),
  );
  app.onError((error, context) => context.json({ message: error.message }, error instanceof NotFound ? 404 : 500));
  return getRequestListener(app.fetch);
}
