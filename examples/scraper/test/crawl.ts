/** A crawl as the tests make it: quick, and without anything that was not asked for. */
import { Crawler } from '../crawler.ts';
import type { Options } from '../options.ts';
import type { PageRecord } from '../record.ts';
import { Store } from '../store.ts';
import type { Site } from './site.ts';

export const DEFAULTS: Options = {
  urls: [],
  depth: 10,
  pages: 1000,
  concurrency: 4,
  delay: 0,
  timeout: 5000,
  retries: 0,
  maxBytes: 100_000,
  userAgent: 'test-agent',
  sitemaps: false,
  state: null,
  export: null,
  report: null,
  json: false,
};

/** Crawls from `/`; the records by path. */
export function crawl(site: Site, options: Partial<Options> = {}): Record<string, PageRecord> {
  const store = new Store(options.state ?? ':memory:');
  const records = crawlInto(store, site, options);
  store.close(true);
  return records;
}

/** As `crawl`, with a store that is looked at afterwards. */
export function crawlInto(store: Store, { origin }: Site, options: Partial<Options> = {}): Record<string, PageRecord> {
  const crawler = new Crawler({ ...DEFAULTS, ...options }, store);
  crawler.run([`${origin}/`]);
  return Object.fromEntries(crawler.records.map((record) => [record.url.replace(origin, ''), record]));
}
