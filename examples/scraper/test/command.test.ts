import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { wait } from 'greenlets';
import { test } from '../../../test/support/leaks.ts';
import { COMMAND, signalNode } from '../../../test/support/program.ts';
import type { PageRecord } from '../record.ts';
import { Store } from '../store.ts';
import { links, redirectTo, withSite } from './site.ts';

const SCRAPER = fileURLToPath(new URL('../main.js', import.meta.url));

function scraper(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [COMMAND, SCRAPER, ...args], { encoding: 'utf8', timeout: 60_000 });
}

test('without a URL it crawls several hundred pages of its own, and shows how far it is', () => {
  const { status, stdout, stderr } = scraper('--json');
  const records = JSON.parse(stdout) as PageRecord[];
  assert.equal(status, 0);
  assert.ok(records.filter((record) => record.outcome === 'page').length >= 300);
  assert.deepEqual(
    records.filter((record) => record.outcome === 'error').map((record) => new URL(record.url).pathname),
    ['/docs/classes/.html'],
  );
  assert.equal(new Set(records.map((record) => record.url)).size, records.length);
  assert.match(stderr, /of \d+ pages/);
  assert.match(stderr, /pages +│ +\d+/);
  assert.match(stderr, /HTTP 404/);
});

test('--help tells of every option; bad arguments are refused with the value', () => {
  const { status, stdout } = scraper('--help');
  assert.equal(status, 0);
  for (const option of ['--depth', '--pages', '--concurrency', '--delay', '--timeout', '--retries', '--json']) {
    assert.ok(stdout.includes(option), option);
  }
  for (const args of [['--depth', '-1'], ['--pages', '0'], ['ftp://site'], ['--nonsense']]) {
    const { status, stdout, stderr } = scraper(...args);
    assert.notEqual(status, 0);
    assert.equal(stdout, '');
    assert.ok(stderr.includes(args.at(-1) as string), stderr);
  }
});

test('Ctrl-C ends a crawl at once, with the report of what was found', () => {
  withSite(
    { '/': links('/silent', '/gone', '/moved'), '/silent': () => {}, '/moved': redirectTo('/') },
    ({ origin }) => {
      const args = [COMMAND, SCRAPER, origin, '--delay', '0'];
      const { status, output } = wait(signalNode(args, '3 of 4 pages', 'SIGINT'));
      assert.equal(status, 130);
      assert.match(output, /pages +│ +1 /);
      assert.match(output, /found, not visited +│ +1 /);
      assert.match(output, /HTTP 404 +│ http:.*\/gone/);
    },
  );
});

test('a crawl whose process is killed loses nothing that it had finished', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'scraper-'));
  const state = path.join(folder, 'crawl.db');
  withSite({ '/': links('/silent', '/gone'), '/silent': () => {} }, ({ origin }) => {
    wait(signalNode([COMMAND, SCRAPER, origin, '--delay', '0', '--state', state], '2 of 3 pages', 'SIGKILL'));
    const store = new Store(state);
    assert.equal(store.resumed, true);
    assert.deepEqual(
      store.records().map(({ url, error }) => [url, error]),
      [
        [`${origin}/`, null],
        [`${origin}/gone`, 'HTTP 404'],
      ],
    );
    assert.deepEqual(
      store.frontier().map(({ url }) => url),
      [`${origin}/silent`],
    );
    store.close(true);
  });
  rmSync(folder, { recursive: true });
});
