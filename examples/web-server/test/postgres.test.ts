import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import { killAll, run, sleep, spawn, toSync, waitEvent } from 'greenlets';
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

/** A connection of its own. */
interface Connection {
  connect(): void;
  query(sql: string, values?: string[]): { rows: Record<string, unknown>[] };
  end(): void;
}

function withConnection(body: (connection: Connection) => void): void {
  const connection = toSync<Connection>(new pg.Client(server.url));
  connection.connect();
  try {
    body(connection);
  } finally {
    connection.end();
  }
}

/** Calls `body` while another connection holds an account; `release` lets go of it. */
function whileHeld(account: string, body: (release: () => void) => void): void {
  withConnection((other) => {
    other.query('BEGIN');
    other.query('SELECT * FROM accounts WHERE id = $1 FOR UPDATE', [account]);
    body(() => other.query('COMMIT'));
  });
}

/** Waits until so many connections are in that state, by SQL about pg_stat_activity. */
function waitForConnections(count: number, state: string): void {
  withConnection((observer) => {
    const seen = () => observer.query(`SELECT FROM pg_stat_activity WHERE ${state}`).rows.length;
    while (seen() !== count) sleep(10);
  });
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
  'clients that leave in the middle of a transaction undo it, and give their connections back',
  () => {
    withService(new Postgres(server.url, 60_000), (client) => {
      const [ada, bob] = [client.open('Ada', 100), client.open('Bob', 0)];
      whileHeld(ada, () => {
        const transfers = Array.from({ length: 10 }, () => spawn(() => client.transfer(ada, bob, 10)));
        waitForConnections(10, "wait_event_type = 'Lock'");
        killAll(transfers); // whoever is killed leaves the server
        assert.equal(client.balance(bob), 0); // there are only ten connections
      });
      waitForConnections(0, "backend_xid IS NOT NULL OR state LIKE 'idle in transaction%'");
      assert.deepEqual([client.balance(ada), client.balance(bob)], [100, 0]);
      assert.equal(client.transfer(ada, bob, 10).status, 201);
    });
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
