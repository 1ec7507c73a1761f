import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import { run, spawn, toSync, waitEvent } from 'greenlets';
import { Socket } from 'greenlets/socket';
import pg from 'pg';
import { test } from '../../../test/support/leaks.ts';
import { Postgres } from '../postgres.ts';
import { createService } from '../service.ts';
import { Client, withService } from './client.ts';
import { testService } from './contract.ts';
import { PostgresServer, whyNoPostgres } from './postgres.ts';

/** For requests that take too long; in ms. */
const TIMEOUT = 1500;

let server: PostgresServer;
if (whyNoPostgres === false) {
  before(() => run(() => (server = new PostgresServer())));
  after(() => run(() => server.stop()));
}

testService('PostgreSQL', () => new Postgres(server.url, 10_000), whyNoPostgres);

/** Calls `body` while another connection holds an account; `release` lets go of it. */
function whileHeld(account: string, body: (release: () => void) => void): void {
  const other = toSync<{ connect(): void; query(sql: string, values?: string[]): void; end(): void }>(
    new pg.Client(server.url),
  );
  other.connect();
  other.query('BEGIN');
  other.query('SELECT * FROM accounts WHERE id = $1 FOR UPDATE', [account]);
  try {
    body(() => other.query('COMMIT'));
  } finally {
    other.end();
  }
}

test(
  'a request that takes too long is given up, undone, and gives its connection back',
  () => {
    withService(
      new Postgres(server.url, TIMEOUT),
      (client) => {
        const [ada, bob] = [client.open('Ada', 100), client.open('Bob', 0)];
        whileHeld(ada, () => {
          const transfers = Array.from({ length: 12 }, () => spawn(() => client.transfer(ada, bob, 10).status));
          for (const transfer of transfers) assert.equal(transfer.get(), 503); // ten have had a connection
        });
        assert.deepEqual([client.balance(ada), client.balance(bob)], [100, 0]);
        assert.equal(client.transfer(ada, bob, 10).status, 201);
      },
      TIMEOUT,
    );
  },
  whyNoPostgres,
);

test(
  'a server that is being stopped answers what it has been asked, and takes nothing more',
  () => {
    const database = new Postgres(server.url, 10_000);
    const options = { host: '127.0.0.1', port: 0, timeout: 10_000, stopTimeout: 10_000, accessLog: false };
    const service = createService({ ...options, database });
    service.start();
    const { port } = service.address as AddressInfo;
    const client = new Client(`http://127.0.0.1:${port}`);
    const [ada, bob] = [client.open('Ada', 100), client.open('Bob', 0)];
    whileHeld(ada, (release) => {
      const arrival = spawn(() => waitEvent(service.nodeServer, 'request'));
      const transfer = spawn(() => client.transfer(ada, bob, 10));
      arrival.get();
      const stop = spawn(() => service.stop());
      assert.equal(stop.join(50), false);
      assert.throws(() => Socket.connect({ host: '127.0.0.1', port }), { code: 'ECONNREFUSED' });
      release();
      assert.equal(transfer.get().status, 201);
      stop.get();
    });
    database.close();
  },
  whyNoPostgres,
);
