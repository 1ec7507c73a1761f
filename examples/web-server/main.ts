/**
 * npm run start:web-server: see --help. The first Ctrl-C or SIGTERM raises Interrupted in this greenlet, where it waits for
 * the server's end: requests that have come are answered, then the database is closed.
 */
import type { AddressInfo } from 'node:net';
import { shield } from 'greenlets';
import { startOrExit } from '../start.ts';
import { parseOptions } from './options.ts';
import { Postgres } from './postgres.ts';
import { createService } from './service.ts';
import { Sqlite } from './sqlite.ts';

const { postgres, sqlite, ...options } = parseOptions(process.argv.slice(2));
const database = postgres === null ? new Sqlite(sqlite) : new Postgres(postgres, options.timeout);
const server = createService({ ...options, database, stopTimeout: options.timeout, accessLog: true });
startOrExit(() => server.start(), '--port <n>');
const { address, port } = server.address as AddressInfo;
console.log(`web server: http://${address}:${port}/accounts, on ${postgres === null ? 'SQLite' : 'PostgreSQL'}`);
try {
  server.serveForever();
} finally {
  shield(() => database.close());
}
