/** koa: middleware is plain code too; `wait(next())` runs what comes after it. */
import type { RequestListener } from 'node:http';
import { isCancel, toAsync, wait } from 'greenlets';
import Koa from 'koa';
import { endWhenClientGone } from './client-gone.ts';
import { loadProfile } from './profile.ts';

export function makeListener(service: string): RequestListener {
  const app = new Koa();
  app.use(toAsync(answerErrors));
  app.use(
    toAsync((context) => {
      endWhenClientGone(context.res);
      const name = /^\/users\/([^/]+)$/.exec(context.path)?.[1];
      if (name !== undefined) context.body = loadProfile(service, decodeURIComponent(name));
    }),
  );
  return app.callback();
}

function answerErrors(context: Koa.Context, next: Koa.Next): void {
  try {
    wait(next());
  } catch (error) {
    if (isCancel(error)) return;
    const { status = 500, message } = error as { status?: number; message: string };
    context.status = status;
    context.body = { message };
  }
}
