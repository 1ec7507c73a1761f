/** express: a handler is plain code that blocks. What it throws reaches the error handlers. */
import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import { isCancel, toAsync } from 'greenlets';
import { endWhenClientGone } from './client-gone.ts';
import { loadProfile } from './profile.ts';

export function makeListener(service: string): RequestListener {
  const app = express();
  app.get(
    '/users/:name',
    toAsync((request, response) => {
      endWhenClientGone(response);
      response.json(loadProfile(service, request.params.name));
    }),
  );
  app.use(answerError);
  return app;
}

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  if (!isCancel(error)) response.status(error.status ?? 500).json({ message: error.message });
};
