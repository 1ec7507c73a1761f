import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import type { RequestListener, ServerResponse } from 'node:http';
import { all, spawn, Timeout, wait } from 'greenlets';
import Database from 'libsql/promise';
import { test } from '../../../test/support/leaks.ts';
import { withListener } from '../../../test/support/serving.ts';
import { transform } from '../babel-plugin.ts';
import { lint } from '../eslint-rule.ts';
import { runGuest } from '../sandbox.ts';
import { fetchSync, lookupSync } from '../sync-calls.ts';
import { renderEjs, renderHandlebars } from '../templates.ts';

/** Answers nobody before two wait: whoever asks must let the others run meanwhile. */
function answerInPairs(): RequestListener {
  let first: (() => void) | null = null;
  return ({ url = '' }, response) => {
    const answer = (): void => void respond(url, response);
    if (first === null) {
      first = answer;
      return;
    }
    first();
    first = null;
    answer();
  };
}

function respond(url: string, response: ServerResponse): void {
  response.statusCode = url === '/gone' ? 404 : 200;
  response.end(JSON.stringify({ url }));
}

/** Calls `make` twice at the same time. */
function twice<T>(make: (origin: string) => T): { origin: string; results: T[] } {
  return withListener(answerInPairs(), (origin) => ({
    origin,
    results: all([spawn(make, origin), spawn(make, origin)]),
  }));
}

test('an ESLint rule waits for a fetch', () => {
  const { origin, results } = twice((origin) => lint(`const a = '${origin}/here';\nconst b = '${origin}/gone';`));
  for (const messages of results) assert.deepEqual(messages, [`2: ${origin}/gone answers 404`]);
});

test('a Babel plugin waits for a fetch', () => {
  const { results } = twice((origin) => transform(`import data from '${origin}/data';\nconsole.log(data);`));
  for (const code of results) assert.equal(code, 'const data = {\n  url: "/data"\n};\nconsole.log(data);');
});

test('helpers of Handlebars and EJS read a database', () => {
  const database = new Database(':memory:', {});
  wait(database.exec("CREATE TABLE products (name, price); INSERT INTO products VALUES ('tea', 3), ('pot', 20)"));
  const products = ['tea', 'pot'];
  const pages = all([
    spawn(() => renderHandlebars('{{#each products}}{{this}}: {{price this}}\n{{/each}}', products, database)),
    spawn(() => renderEjs('<% for (const p of products) { %><%= p %>: <%= price(p) %>\n<% } %>', products, database)),
  ]);
  assert.deepEqual(pages, ['tea: 3\npot: 20\n', 'tea: 3\npot: 20\n']);
  database.close();
});

test(
  'a function of SQLite waits for a fetch',
  () => {
    const { findDeadLinks } = wait(import('../sqlite-function.ts'));
    const { origin, results } = twice((origin) => findDeadLinks([`${origin}/here`, `${origin}/gone`]));
    for (const dead of results) assert.deepEqual(dead, [`${origin}/gone`]);
  },
  Number.parseInt(process.versions.node, 10) < 22 && 'better-sqlite3 needs Node 22',
);

test('guests of a vm sandbox wait, and end when their time is over', () => {
  const { results } = twice((origin) => runGuest(`JSON.parse(read('${origin}/guest')).url`, 10_000));
  assert.deepEqual(results, ['/guest', '/guest']);
  assert.throws(() => runGuest('for (;;) sleep(1)', 20), Timeout);
});

test('calls in the manner of synckit and deasync, side by side', () => {
  const { results } = twice((origin) => wait(fetchSync(`${origin}/sync`).json()));
  assert.deepEqual(results, [{ url: '/sync' }, { url: '/sync' }]);
  assert.equal(lookupSync('localhost'), wait(lookup('localhost')).address);
});
