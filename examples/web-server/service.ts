/** The bank over HTTP: which request does what. */
import { Timeout, withTimeout } from 'greenlets';
import { HttpError, type HttpRequest, type HttpResponse, HttpServer } from 'greenlets/http';
import { z } from 'zod';
import { Bank, NewAccount, NewTransfer } from './bank.ts';
import type { Database } from './database.ts';

export interface ServiceOptions {
  host: string;
  port: number;
  database: Database;
  /** How long a request may take, in ms. */
  timeout: number;
  /** How long requests may still take once the server is being stopped, in ms. */
  stopTimeout: number;
  accessLog: boolean;
}

export function createService({ database, timeout, ...options }: ServiceOptions): HttpServer {
  const bank = new Bank(database);
  return new HttpServer({
    ...options,
    bodyLimit: 64 * 1024,
    handle(request) {
      try {
        return withTimeout(timeout, () => answer(bank, request));
      } catch (error) {
        if (error instanceof Timeout) return json(503, { error: `that takes longer than ${timeout} ms` });
        if (error instanceof HttpError) return json(error.status, { error: error.message });
        throw error; // logged, and answered with a 500
      }
    },
  });
}

function answer(bank: Bank, request: HttpRequest): HttpResponse {
  const [resource, id, part, ...more] = request.path.slice(1).split('/');
  const route = `${request.method} /${[resource, id && ':id', part, ...more].filter(Boolean).join('/')}`;
  switch (route) {
    case 'GET /accounts':
      return json(200, bank.accounts());
    case 'POST /accounts':
      return json(201, bank.open(read(request, NewAccount)));
    case 'GET /accounts/:id':
      return json(200, bank.account(id as string));
    case 'GET /accounts/:id/transfers':
      return json(200, bank.transfers(id as string));
    case 'POST /transfers':
      return json(201, bank.transfer(read(request, NewTransfer)));
    default:
      throw new HttpError(404, `there is no ${request.method} ${request.path}`);
  }
}

/** The body, checked. */
function read<T>(request: HttpRequest, type: z.ZodType<T>): T {
  const { success, data, error } = type.safeParse(request.json());
  if (!success) throw new HttpError(422, z.prettifyError(error));
  return data;
}

function json(status: number, value: unknown): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
