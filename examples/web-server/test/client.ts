/** The service as the tests use it. */
import type { AddressInfo } from 'node:net';
import { get, post } from 'greenlets/http';
import type { Account, Transfer } from '../bank.ts';
import type { Database } from '../database.ts';
import { createService } from '../service.ts';

/** Calls `body` with a client of a service on `database`, which is closed afterwards. */
export function withService(database: Database, body: (client: Client) => void, timeout = 10_000): void {
  const options = { host: '127.0.0.1', port: 0, stopTimeout: 0, accessLog: false };
  const service = createService({ ...options, database, timeout });
  service.start();
  try {
    body(new Client(`http://127.0.0.1:${(service.address as AddressInfo).port}`));
  } finally {
    service.stop(0);
    database.close();
  }
}

/** What the service answered. */
export interface Answer<T> {
  status: number;
  body: T & { error?: string };
}

export class Client {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get<T>(path: string): Answer<T> {
    const response = get(this.#origin + path);
    return { status: response.status, body: response.json() as Answer<T>['body'] };
  }

  post<T>(path: string, value: unknown): Answer<T> {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    const response = post(this.#origin + path, body);
    return { status: response.status, body: response.json() as Answer<T>['body'] };
  }

  /** Opens an account. @returns its id. */
  open(owner: string, balance: number): string {
    return this.post<Account>('/accounts', { owner, balance }).body.id;
  }

  transfer(payer: string, payee: string, amount: number): Answer<Transfer> {
    return this.post('/transfers', { payer, payee, amount });
  }

  balance(id: string): number {
    return this.get<Account>(`/accounts/${id}`).body.balance;
  }
}
