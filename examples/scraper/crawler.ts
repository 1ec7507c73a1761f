/** The crawl: one greenlet a page. */
import { type Group, nursery } from 'greenlets';
import { Downloader } from './download.ts';
import { Frontier } from './frontier.ts';
import { type Host, Hosts } from './host.ts';
import type { Options } from './options.ts';
import type { PageRecord, Target, Visit } from './record.ts';
import type { Store } from './store.ts';
import { resolveLink } from './urls.ts';
import { visit } from './visitor.ts';

export class Crawler {
  /** One of each page that was looked at, in the order in which they were finished. */
  readonly records: PageRecord[] = [];
  readonly hosts: Hosts;
  readonly #options: Options;
  readonly #store: Store;
  readonly #downloader: Downloader;
  readonly #frontier: Frontier;
  /** Hosts whose sitemaps are taken care of. */
  readonly #listed = new Set<Host>();

  constructor(options: Options, store: Store) {
    this.#options = options;
    this.#store = store;
    this.#frontier = new Frontier(options);
    this.#downloader = new Downloader(options, options.concurrency);
    this.hosts = new Hosts(this.#downloader, options);
  }

  /** How many pages were found and not looked at. */
  get left(): number {
    return this.#frontier.found - this.records.length;
  }
  /** How many pages will have been looked at in the end, as far as is known now. */
  get expected(): number {
    return this.records.length + this.#frontier.ahead;
  }

  /** Crawls to the end, or goes on with a crawl that did not come to its end. A kill takes the pages' greenlets along. */
  run(urls: string[]): void {
    try {
      nursery((pages) => {
        this.#resume();
        this.#store.addTargets(this.#count(this.#frontier.begin(urls)));
        this.#startPages(pages);
      });
    } finally {
      this.#downloader.close();
    }
  }

  #resume(): void {
    const records = this.#store.records();
    const waiting = this.#store.frontier();
    this.#frontier.resume(
      records.map(({ url }) => url),
      waiting,
    );
    this.#count([...records, ...waiting]);
    for (const record of records) this.#finish(record);
  }

  /** Starts a greenlet for each page that waits, as far as the limits allow. */
  #startPages(pages: Group): void {
    for (const target of this.#frontier.take()) {
      pages.spawn(() => this.#handle(target, pages));
    }
  }

  #handle(target: Target, pages: Group): void {
    const host = this.hosts.of(target.url);
    if (this.#options.sitemaps && !this.#listed.has(host)) {
      this.#listed.add(host);
      pages.spawn(() => this.#readSitemaps(host, pages));
    }
    this.#record(target, visit(target, host, this.#store, this.#options.retries));
    this.#startPages(pages);
  }

  #record(target: Target, visit: Visit): void {
    visit.record.finished = Date.now();
    this.#store.finish(visit, this.#count(this.#frontier.add(visit.found)));
    this.#frontier.done(target, visit.record.outcome !== 'skipped');
    this.#finish(visit.record);
  }

  #readSitemaps(host: Host, pages: Group): void {
    const urls = host.listedPages().map((url) => resolveLink(url, host.origin));
    const found = urls.filter((url) => url !== null).map((url) => ({ url, depth: 1, referrer: 'sitemap', via: [] }));
    this.#store.addTargets(this.#count(this.#frontier.add(found)));
    this.#startPages(pages);
  }

  /** Takes note of pages that were found. */
  #count<T extends { url: string }>(found: T[]): T[] {
    for (const { url } of found) this.hosts.of(url).found++;
    return found;
  }

  /** Takes note of a page that is done. */
  #finish(record: PageRecord): void {
    this.records.push(record);
    this.hosts.of(record.url).count(record);
  }
}
