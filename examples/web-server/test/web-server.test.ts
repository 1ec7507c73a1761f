import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { Popen } from 'greenlets/subprocess';
import { test } from '../../../test/support/leaks.ts';
import { COMMAND } from '../../../test/support/program.ts';
import { Sqlite } from '../sqlite.ts';
import { Client } from './client.ts';
import { testService } from './contract.ts';

testService('SQLite', () => new Sqlite(':memory:'));

test('the command serves on SQLite unless told otherwise, logs requests, and stops on SIGTERM', () => {
  const { DATABASE_URL: _, ...env } = process.env;
  const main = fileURLToPath(new URL('../main.js', import.meta.url));
  using server = new Popen(process.execPath, [COMMAND, main, '--port', '0'], { env });
  const line = server.stdout.readLine() ?? '';
  assert.match(line, /SQLite/);
  const client = new Client(/http:\/\/[^/]+/.exec(line)?.[0] ?? '');
  const id = client.open('Ada', 5);
  assert.equal(client.balance(id), 5);
  assert.match(server.stdout.readLine() ?? '', /POST \/accounts.* 201/);
  server.kill('SIGTERM');
  assert.equal(server.wait(), 143);
});
