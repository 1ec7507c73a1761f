import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { sleep, spawn, withTimeout } from 'greenlets';
import { test } from '../../../test/support/leaks.ts';
import { Crawler } from '../crawler.ts';
import { Store } from '../store.ts';
import { crawl, DEFAULTS } from './crawl.ts';
import { type Answer, links, type Pages, redirectTo, text, withSite } from './site.ts';

test('every page that links lead to is fetched once, in whatever way it is written', () => {
  const pages: Pages = {
    '/': links('a.html', '/a.html#part', './sub/', 'mailto:me@localhost', 'http://other.invalid/', 'http://['),
    '/a.html': `<base href="/sub/">${links('b.html')}`,
    '/sub/': links('../a.html', 'b.html', ''),
    '/sub/b.html': '<title> Page\n B </title>',
  };
  withSite(pages, (site) => {
    const records = crawl(site);
    assert.deepEqual(site.requests.sort(), ['/', '/a.html', '/sub/', '/sub/b.html']);
    assert.equal(records['/']?.links, 3);
    assert.equal(records['/sub/b.html']?.title, 'Page B');
    assert.equal(records['/sub/b.html']?.depth, 2);
  });
});

test('what robots.txt, a robots <meta> or rel=nofollow forbids is not fetched', () => {
  const pages: Pages = {
    '/robots.txt': text('User-agent: other\nDisallow: /\n\nUser-agent: test-agent\nDisallow: /private'),
    '/': `${links('/private/x', '/open', '/meta')}<a rel="nofollow" href="/unwanted">x</a>`,
    '/meta': `<META NAME="Robots" CONTENT="NoIndex, NoFollow">${links('/hidden')}`,
    '/open': '',
  };
  withSite(pages, (site) => {
    const records = crawl(site);
    assert.deepEqual(site.requests.sort(), ['/', '/meta', '/open']);
    assert.equal(records['/private/x']?.outcome, 'skipped');
    assert.equal(records['/private/x']?.error, 'robots.txt');
  });
});

test('a robots.txt that the server fails to give forbids all; one that redirects is followed', () => {
  withSite({ '/robots.txt': (_, response) => response.writeHead(500).end(), '/': '' }, (site) => {
    assert.equal(crawl(site)['/']?.outcome, 'skipped');
    assert.deepEqual(site.requests, []);
  });
  const pages: Pages = { '/robots.txt': redirectTo('/rules'), '/rules': text('User-agent: *\nDisallow: /'), '/': '' };
  withSite(pages, (site) => assert.equal(crawl(site)['/']?.outcome, 'skipped'));
});

test('redirects are followed to pages fetched once; loops and endless chains end', () => {
  const pages: Pages = {
    '/': links('/old', '/new', '/round', '/chain?0'),
    '/old': redirectTo('new', 301),
    '/new': '<title>new</title>',
    '/round': redirectTo('/and'),
    '/and': redirectTo('/round'),
    ...Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`/chain?${i}`, redirectTo(`/chain?${i + 1}`)])),
  };
  withSite(pages, (site) => {
    const records = crawl(site);
    assert.equal(records['/old']?.outcome, 'redirect');
    assert.equal(records['/old']?.redirectsTo, `${site.origin}/new`);
    assert.equal(site.requests.filter((path) => path === '/new').length, 1);
    assert.equal(records['/and']?.error, 'redirect loop');
    assert.equal(records['/chain?10']?.error, 'too many redirects');
    assert.equal(records['/chain?11'], undefined);
  });
});

test('a start page that redirects to another host takes the crawl there', () => {
  withSite({ '/': links('/more'), '/more': '' }, (goal) => {
    withSite({ '/': redirectTo(`${goal.origin}/`) }, (start) => crawl(start));
    assert.deepEqual(goal.requests, ['/', '/more']);
  });
});

test('broken links and failing pages are recorded with the page they are on, and the crawl goes on', () => {
  const pages: Pages = {
    '/': links('/missing', '/hangs-up', '/huge', '/bomb', '/fine'),
    '/hangs-up': (request) => request.socket.destroy(),
    '/huge': 'x'.repeat(200_000),
    '/bomb': (_, response) =>
      response
        .writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(1_000_000))),
    '/fine': '',
  };
  withSite(pages, (site) => {
    const records = crawl(site);
    assert.equal(records['/missing']?.error, 'HTTP 404');
    assert.equal(records['/missing']?.referrer, `${site.origin}/`);
    assert.equal(records['/hangs-up']?.error, 'connection lost');
    assert.equal(records['/huge']?.error, 'too large');
    assert.equal(records['/bomb']?.error, 'too large');
    assert.equal(records['/fine']?.outcome, 'page');
  });
});

test('a host that does not answer is one error, not an end', () => {
  const gone = withSite({}, ({ origin }) => origin);
  const crawler = new Crawler(DEFAULTS, new Store(':memory:'));
  crawler.run([`${gone}/`]);
  assert.deepEqual(
    crawler.records.map(({ outcome, error }) => [outcome, error]),
    [['error', 'connection refused']],
  );
});

test('a server that is silent, at once or in mid-page, costs one timeout', () => {
  const pages: Pages = {
    '/': links('/silent', '/stops'),
    '/silent': () => {},
    '/stops': (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).write('<p>to be cont'),
  };
  withSite(pages, (site) => {
    const records = crawl(site, { timeout: 150 });
    assert.equal(records['/silent']?.error, 'timeout');
    assert.equal(records['/stops']?.error, 'timeout');
  });
});

test('what failed for a passing reason is tried again, after the time that the server asks for', () => {
  let busy = 0;
  let lost = 0;
  const pages: Pages = {
    '/': links('/busy', '/lost', '/missing'),
    '/busy': (_, response) =>
      ++busy < 3
        ? response.writeHead(503, { 'retry-after': '0' }).end()
        : response.writeHead(200, { 'content-type': 'text/html' }).end('<title>at last</title>'),
    '/lost': (request) => {
      lost++;
      request.socket.destroy();
    },
  };
  withSite(pages, (site) => {
    const records = crawl(site, { retries: 2 });
    assert.equal(records['/busy']?.title, 'at last');
    assert.equal(records['/busy']?.attempts, 3);
    assert.equal(records['/lost']?.attempts, 3);
    assert.equal(lost, 3);
    assert.equal(records['/missing']?.attempts, 1);
  });
});

test('text is read in the charset of its byte order mark, header or <meta>, in this order', () => {
  const send = (contentType: string, body: Buffer) => (_: unknown, response: ServerResponse) =>
    response.setHeader('content-type', contentType).end(body);
  const pages: Pages = {
    '/': links('/meta', '/header', '/bom', '/guess'),
    '/meta': send('text/html', Buffer.from('<meta charset="iso-8859-2"><title>\xb1</title>', 'latin1')),
    '/header': send('text/html; charset=koi8-r', Buffer.from('<meta charset="utf-8"><title>\xc1</title>', 'latin1')),
    '/bom': send('text/html; charset=koi8-r', Buffer.from('\ufeff<title>ä</title>')),
    '/guess': send('text/html', Buffer.from('<title>ä</title>')),
  };
  withSite(pages, (site) => {
    const records = crawl(site);
    assert.deepEqual([records['/meta']?.title, records['/meta']?.charset], ['ą', 'iso-8859-2']);
    assert.deepEqual([records['/header']?.title, records['/header']?.charset], ['а', 'koi8-r']);
    assert.deepEqual([records['/bom']?.title, records['/bom']?.charset], ['ä', 'utf-8']);
    assert.deepEqual([records['/guess']?.title, records['/guess']?.charset], ['ä', 'utf-8']);
  });
});

test('depth and pages are limited', () => {
  const pages: Pages = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [i === 0 ? '/' : `/${i}`, links(`/${i + 1}`, `/x${i}`)]),
  );
  withSite(pages, (site) => {
    crawl(site, { depth: 2 });
    assert.deepEqual(site.requests.sort(), ['/', '/1', '/2', '/x0', '/x1']);
  });
  withSite(pages, (site) => {
    crawl(site, { pages: 5 });
    assert.equal(site.requests.length, 5);
  });
});

test('a host never gets more requests at a time than allowed, nor sooner than its Crawl-delay', () => {
  let now = 0;
  let most = 0;
  const slow = (_: unknown, response: ServerResponse) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.setHeader('content-type', 'text/html').end();
    }, 20);
  };
  const many = Array.from({ length: 12 }, (_, i) => `/${i}`);
  withSite({ '/': links(...many), ...Object.fromEntries(many.map((path) => [path, slow])) }, (site) => {
    crawl(site, { concurrency: 3 });
    assert.equal(site.requests.length, 13);
    assert.equal(most, 3);
  });
  const times: number[] = [];
  const timed = (_: unknown, response: ServerResponse) => {
    times.push(performance.now());
    response.setHeader('content-type', 'text/html').end(links('/a', '/b'));
  };
  const pages: Pages = { '/robots.txt': text('User-agent: *\nCrawl-delay: 0.1'), '/': timed, '/a': timed, '/b': timed };
  const began = performance.now();
  withSite(pages, (site) => crawl(site));
  assert.equal(times.length, 3);
  // From the beginning: on a busy machine the first request may be seen late.
  assert.ok((times[2] as number) - began > 190, `requests at ${times}, after ${began}`);
});

test('a host that has too much to do is asked again when it said, and less often after that', () => {
  const times: number[] = [];
  const busy: Answer = (_, response) => {
    times.push(performance.now());
    if (times.length === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.setHeader('content-type', 'text/html').end();
  };
  withSite({ '/': links('/a', '/b', '/c'), '/a': busy, '/b': busy, '/c': busy }, (site) => {
    const records = crawl(site, { concurrency: 1, retries: 1 });
    assert.equal(records['/a']?.attempts, 2);
    const [first, ...later] = times as [number, ...number[]];
    assert.equal(later.length, 3);
    assert.ok((later[0] as number) - first >= 990, 'the first after the pause');
    assert.ok((later[2] as number) - (later[1] as number) >= 70, 'then one after the other, with care');
  });
});

test('pages that only a sitemap lists are found; sitemaps may list sitemaps, and be packed', () => {
  const xml = (body: string) => `<?xml version="1.0"?>${body}`;
  withSite({}, (site) => {
    const list = xml(
      `<urlset><url><loc>${site.origin}/alone</loc></url><url><loc>http://other.invalid/</loc></url></urlset>`,
    );
    const index = xml(
      `<sitemapindex><sitemap><loc>${site.origin}/list.xml.gz</loc></sitemap><sitemap><loc>/gone.xml</loc></sitemap></sitemapindex>`,
    );
    Object.assign(site.pages, {
      '/robots.txt': text(`Sitemap: ${site.origin}/index.xml`),
      '/index.xml': text(index),
      '/list.xml.gz': (_: IncomingMessage, response: ServerResponse) =>
        response.setHeader('content-type', 'application/gzip').end(gzipSync(list)),
      '/': '',
      '/alone': '<title>alone</title>',
    });
    const records = crawl(site, { sitemaps: true });
    assert.deepEqual(Object.keys(records).sort(), ['/', '/alone']);
    assert.equal(records['/alone']?.referrer, 'sitemap');
  });
});

test('a crawl that is killed leaves nothing running', () => {
  withSite({ '/': links('/silent', '/too'), '/silent': () => {}, '/too': () => {} }, (site) => {
    const crawler = new Crawler(DEFAULTS, new Store(':memory:'));
    const crawl = spawn(() => crawler.run([`${site.origin}/`]));
    withTimeout(30_000, () => {
      while (site.requests.length < 3) sleep(2);
    });
    crawl.kill();
    assert.equal(crawler.records.length, 1);
    assert.equal(crawler.left, 2);
  });
});
