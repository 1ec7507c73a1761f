import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from '../../../test/support/leaks.ts';
import { exportPages } from '../export.ts';
import { writeHtmlReport } from '../html-report.ts';
import { readPage } from '../page.ts';
import type { Content } from '../record.ts';
import { Store } from '../store.ts';
import { crawlInto } from './crawl.ts';
import { links, type Pages, withSite } from './site.ts';

const ARTICLE = `<!doctype html><html lang="en-GB"><head>
  <title>The  Title</title>
  <meta name="Description" content="What it is about">
  <meta property="og:image" content="/cover.png">
  <meta name="author" content="Ada">
  <meta property="article:published_time" content="2026-11-24">
</head><body>
  <nav><a href="/menu">Menu</a></nav>
  <main><h1>Head</h1><p>First <b>para</b>graph.<p>Second<br>line.
    <script>var x = "not text";</script><aside>Not this</aside>
    <ul><li>one<li>two</ul><h2>More</h2></main>
  <footer>Imprint</footer>
</body></html>`;

function contentOf(html: string): Content {
  return readPage(Buffer.from(html), 'http://site.test/', null).content;
}

test('a page tells its title, main text, links and what it says about itself', () => {
  assert.deepEqual(contentOf(ARTICLE), {
    title: 'The Title',
    description: 'What it is about',
    language: 'en-GB',
    author: 'Ada',
    published: '2026-11-24',
    headings: ['Head', 'More'],
    text: 'Head\nFirst paragraph.\nSecond\nline.\none\ntwo\nMore',
    links: ['http://site.test/menu'],
    metadata: {
      description: 'What it is about',
      'og:image': '/cover.png',
      author: 'Ada',
      'article:published_time': '2026-11-24',
    },
  });
});

test('pages that are no pages, or thousands of elements deep, are read as far as they go', () => {
  assert.equal(contentOf('').text, '');
  assert.equal(contentOf('just text < and > more').text, 'just text < and > more');
  const deep = readPage(Buffer.from(`${'<div>'.repeat(1000)}<a href="/x">x</a>`), 'http://site.test/', null);
  assert.deepEqual(deep.follow, ['http://site.test/x']);
});

const SITE: Pages = {
  '/': `<title>=1+1</title>${links('/copy', '/quote')}`,
  '/copy': `<link rel="canonical" href="/original">${links('/leaf')}`,
  '/original': '<title>original</title>',
  '/leaf': `<link rel="canonical" href="http://elsewhere.invalid/"><title>leaf</title>`,
  '/quote': '<title>"quoted", and </script><b>bold</b></title><p>two<p>lines',
};

/** Crawls `SITE` and calls `body` with a folder for files. */
function withCrawl(body: (store: Store, folder: string, crawled: { origin: string; records: object }) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'scraper-'));
  const store = new Store(':memory:');
  try {
    withSite(SITE, (site) => body(store, folder, { origin: site.origin, records: crawlInto(store, site) }));
  } finally {
    store.close(true);
    rmSync(folder, { recursive: true });
  }
}

test('the export has every page once, without copies of another page that is in it', () => {
  withCrawl((store, folder, { origin }) => {
    const file = path.join(folder, 'pages.jsonl');
    assert.equal(exportPages(store, file), 4);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const pages = lines.map((line) => JSON.parse(line) as Content & { url: string });
    assert.deepEqual(pages.map(({ url }) => url.slice(origin.length)).sort(), ['/', '/leaf', '/original', '/quote']);
    assert.equal(pages.find(({ url }) => url.endsWith('/quote'))?.text, 'two\nlines');
    assert.deepEqual(readdirSync(folder), ['pages.jsonl']);
  });
});

test('CSV keeps quotes and lines, and lets no page put a formula into a spreadsheet', () => {
  withCrawl((store, folder) => {
    const file = path.join(folder, 'pages.csv');
    exportPages(store, file);
    const csv = readFileSync(file, 'utf8');
    assert.match(csv, /^url,title,description,language,author,published,headings,text,links,metadata\n/);
    assert.ok(csv.includes(`,'=1+1,`), csv);
    assert.ok(csv.includes('"""quoted"", and </script><b>bold</b>"'), csv);
    assert.ok(csv.includes('"two\nlines"'), csv);
  });
});

test('the HTML report needs nothing else, and is not what pages want to make of it', () => {
  withCrawl((_store, folder, { records }) => {
    const file = path.join(folder, 'report.html');
    const broken = Object.values(records)[0];
    const evil = { ...broken, outcome: 'error', error: '</script><script>alert(1)</script>', url: 'http://x/"><b>' };
    const all = [...Object.values(records), evil];
    writeHtmlReport({ records: all, left: 0, begun: Date.now(), seconds: 1 }, file);
    const html = readFileSync(file, 'utf8');
    assert.equal(html.match(/<script>/g)?.length, 2);
    assert.ok(!html.includes('<script>alert'));
    assert.ok(html.includes('&lt;script&gt;alert(1)'));
    assert.ok(!/ src=|<link|@import|url\(/.test(html.replace(/<script>[\s\S]*?<\/script>/g, '')));
  });
});
