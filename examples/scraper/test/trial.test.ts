import assert from 'node:assert/strict';
import { wait } from 'greenlets';
import { test } from '../../../test/support/leaks.ts';
import { AwaitCrawler } from '../compare/await/crawler.ts';
import { Crawler } from '../crawler.ts';
import { Store } from '../store.ts';
import { check } from '../trial/check.ts';
import { RETRIES, TIMEOUT, TrialSite } from '../trial/site.ts';
import { DEFAULTS } from './crawl.ts';

const OPTIONS = { ...DEFAULTS, depth: 100, concurrency: 6, delay: 1, timeout: TIMEOUT, retries: RETRIES };
const PAGES = 300;

test('of a site with everything that goes wrong, every page is fetched exactly once and told as it is', () => {
  const site = new TrialSite(PAGES);
  const crawler = new Crawler(OPTIONS, new Store(':memory:'));
  crawler.run([`${site.origin}/`]);
  site.close();
  assert.ok(crawler.records.length > PAGES);
  assert.deepEqual(check(site, crawler.records, OPTIONS), []);
});

test('the crawler written with await, for comparison, finds the same', () => {
  const site = new TrialSite(PAGES);
  const crawler = new AwaitCrawler(OPTIONS, new Store(':memory:'));
  wait(crawler.run([`${site.origin}/`]));
  site.close();
  assert.deepEqual(check(site, crawler.records, OPTIONS), []);
});
