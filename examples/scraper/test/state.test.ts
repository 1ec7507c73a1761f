import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sleep, spawn, withTimeout } from 'greenlets';
import { test } from '../../../test/support/leaks.ts';
import { Crawler } from '../crawler.ts';
import { Store } from '../store.ts';
import { crawl, crawlInto, DEFAULTS } from './crawl.ts';
import { type Answer, links, type Site, withSite } from './site.ts';

function withFolder(body: (folder: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'scraper-'));
  try {
    body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a crawl that was cut short goes on where it was, and fetches no page again', () => {
  const silent: Answer = () => {};
  const tree = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`/${i || ''}`, links(`/${2 * i + 1}`, `/${2 * i + 2}`)]),
  );
  withFolder((folder) => {
    const state = path.join(folder, 'crawl.db');
    withSite({ ...tree, '/5': silent }, (site) => {
      cutShort(site, state, 1);
      assert.equal(new Set(site.requests.splice(0)).size, 13);
      site.pages['/5'] = links('/new');

      const store = new Store(state);
      assert.equal(store.resumed, true);
      const records = crawlInto(store, site);
      store.close(true);
      assert.deepEqual(site.requests, ['/5', '/new']);
      assert.equal(Object.keys(records).length, 14);
      assert.equal(records['/new']?.referrer, `${site.origin}/5`);
      assert.equal(records['/14']?.error, 'HTTP 404');
    });
  });
});

/** Begins a crawl and kills it when all but `left` pages are done. */
function cutShort(site: Site, state: string, left: number): void {
  const store = new Store(state);
  const crawler = new Crawler(DEFAULTS, store);
  const greenlet = spawn(() => crawler.run([`${site.origin}/`]));
  withTimeout(30_000, () => {
    while (crawler.records.length === 0 || crawler.left > left) sleep(2);
  });
  greenlet.kill();
  store.close(false);
}

test('a limit on pages cuts a crawl into slices', () => {
  withFolder((folder) => {
    const state = path.join(folder, 'crawl.db');
    withSite({ '/': links('/1', '/2', '/3'), '/1': '', '/2': '', '/3': '' }, (site) => {
      const slice = () => {
        const store = new Store(state);
        const crawler = new Crawler({ ...DEFAULTS, pages: 2 }, store);
        crawler.run([`${site.origin}/`]);
        store.close(crawler.left === 0);
        return [site.requests.splice(0), crawler.left];
      };
      assert.deepEqual(slice(), [['/', '/1'], 2]);
      assert.deepEqual(slice(), [['/2', '/3'], 0]);
    });
  });
});

test('a finished crawl asks only for what has changed, and follows the links of what has not', () => {
  const versions: Record<string, string> = {
    '/': links('/dated', '/tagged', '/plain'),
    '/dated': '',
    '/tagged': links('/leaf'),
  };
  const asked: string[] = [];
  const tagged: Answer = (request, response) => {
    const html = versions[request.url as string] as string;
    const etag = `"${html.length}"`;
    const fresh = request.headers['if-none-match'] === etag;
    asked.push(`${request.url} ${fresh ? 304 : 200}`);
    response.setHeader('etag', etag).setHeader('content-type', 'text/html');
    if (fresh) response.writeHead(304).end();
    else response.end(`<title>${html.length}</title>${html}`);
  };
  const dated: Answer = (request, response) => {
    const fresh = request.headers['if-modified-since'] !== undefined;
    asked.push(`${request.url} ${fresh ? 304 : 200}`);
    response.setHeader('last-modified', 'Tue, 24 Nov 2026 12:00:00 GMT').setHeader('content-type', 'text/html');
    response.writeHead(fresh ? 304 : 200).end();
  };
  withFolder((folder) => {
    const state = path.join(folder, 'crawl.db');
    const pages = { '/': tagged, '/tagged': tagged, '/dated': dated, '/plain': '', '/leaf': '' };
    withSite(pages, (site) => {
      crawl(site, { state });
      asked.length = 0;
      site.requests.length = 0;
      versions['/'] = links('/dated', '/tagged');

      const store = new Store(state);
      assert.equal(store.resumed, false);
      const records = crawlInto(store, site, { state });
      assert.deepEqual(asked.sort(), ['/ 200', '/dated 304', '/tagged 304']);
      assert.deepEqual(site.requests.sort(), ['/', '/dated', '/leaf', '/tagged']);
      assert.equal(records['/tagged']?.status, 304);
      assert.equal(records['/tagged']?.outcome, 'page');
      assert.equal(records['/tagged']?.title, String(links('/leaf').length));
      assert.deepEqual([...store.contents()].length, 4);
      store.close(true);
    });
  });
});

test('a file that is no state, or is in use, is refused', () => {
  withFolder((folder) => {
    const other = path.join(folder, 'other');
    writeFileSync(other, 'This is no database. '.repeat(100));
    assert.throws(() => new Store(other), /not a database/);
    const state = path.join(folder, 'crawl.db');
    const store = new Store(state);
    assert.throws(() => new Store(state), /locked/);
    store.close(true);
    new Store(state).close(true);
  });
});
