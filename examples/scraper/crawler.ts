/** The crawl: one greenlet a page. */
import { GreenletExit, type Group, nursery } from 'greenlets';
import { type Download, DownloadError, Downloader } from './download.ts';
import { Host } from './host.ts';
import type { Options } from './options.ts';
import { readPage } from './page.ts';
import { emptyRecord, type PageRecord, type Target } from './record.ts';
import { withRetries } from './retry.ts';
import { resolveLink } from './urls.ts';

/** Greenlets alive at a time. They cost 12 KB each, so this is not about them, but about sites without an end. */
const PAGES_UNDER_WAY = 2000;
const REDIRECTS = 10;

export class Crawler {
  /** One of each page that was looked at, in the order in which they were finished. */
  readonly records: PageRecord[] = [];
  readonly #options: Options;
  readonly #downloader: Downloader;
  readonly #hosts = new Map<string, Host>();
  /** Hosts, as in `URL.host`, whose pages belong to the crawl. */
  readonly #scope = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #waiting: Target[] = [];
  #underWay = 0;
  #skipped = 0;

  constructor(options: Options) {
    this.#options = options;
    this.#downloader = new Downloader(options, options.concurrency);
  }

  /** How many pages were found and not looked at. */
  get left(): number {
    return this.#seen.size - this.records.length;
  }

  /** How many pages will be looked at, as far as is known now. */
  get expected(): number {
    return Math.min(this.#seen.size, this.#options.pages + this.#skipped);
  }

  /** Crawls to the end. Cut short, it takes the greenlets of its pages along. */
  run(urls: string[]): void {
    try {
      nursery((pages) => {
        for (const url of urls) {
          this.#scope.add(new URL(url).host);
          this.#discover({ url: resolveLink('', url) ?? url, depth: 0, referrer: null, via: [] });
        }
        this.#startWaiting(pages);
      });
    } finally {
      this.#downloader.close();
    }
  }

  #discover(target: Target): void {
    if (target.depth > this.#options.depth || this.#seen.has(target.url)) return;
    if (!this.#scope.has(new URL(target.url).host)) return;
    this.#seen.add(target.url);
    this.#waiting.push(target);
  }

  /** Starts a greenlet for each page that waits, as far as the limits allow. */
  #startWaiting(pages: Group): void {
    const limit = this.#options.pages + this.#skipped - this.records.length;
    while (this.#underWay < Math.min(limit, PAGES_UNDER_WAY)) {
      const target = this.#waiting.shift();
      if (target === undefined) break;
      this.#underWay++;
      pages.spawn(() => {
        this.records.push(this.#visit(target));
        this.#underWay--;
        this.#startWaiting(pages);
      });
    }
  }

  /** What one greenlet does. Whatever is wrong with its page ends up in the record. */
  #visit(target: Target): PageRecord {
    const record = emptyRecord(target);
    try {
      const host = this.#hostOf(target.url);
      if (host.robots().allows(target.url)) this.#look(target, host, record);
      else this.#skip(record, 'robots.txt');
    } catch (error) {
      if (error instanceof GreenletExit) throw error;
      record.error = error instanceof DownloadError ? error.kind : 'unreadable page';
      record.message = String((error as Error | undefined)?.message ?? error);
    }
    return record;
  }

  #look(target: Target, host: Host, record: PageRecord): void {
    const download = withRetries(this.#options.retries, () => {
      record.attempts++;
      return host.visit(() => this.#downloader.get(target.url));
    });
    const { status, contentType, body, ms } = download;
    Object.assign(record, { status, contentType, ms, bytes: body.length });
    if (status >= 300 && status < 400) this.#redirect(target, download, record);
    else if (status >= 400) record.error = `HTTP ${status}`;
    else if (contentType === 'text/html' || contentType === 'application/xhtml+xml')
      this.#read(target, download, record);
    else record.outcome = 'file';
  }

  #read(target: Target, download: Download, record: PageRecord): void {
    const { charset, title, links, follow } = readPage(download.body, target.url, download.charset);
    Object.assign(record, { outcome: 'page', charset, title, links: links.length });
    for (const url of follow) this.#discover({ url, depth: target.depth + 1, referrer: target.url, via: [] });
  }

  /** Its goal is a page of its own, so that pages with many redirects to them are fetched once. */
  #redirect(target: Target, { location }: Download, record: PageRecord): void {
    const goal = location === null ? null : resolveLink(location, target.url);
    record.redirectsTo = goal;
    const via = [...target.via, target.url];
    if (goal === null) record.error = 'redirect without a goal';
    else if (via.includes(goal)) record.error = 'redirect loop';
    else if (via.length > REDIRECTS) record.error = 'too many redirects';
    else {
      record.outcome = 'redirect';
      if (target.depth === 0) this.#scope.add(new URL(goal).host); // http://site.org → https://www.site.org
      this.#discover({ url: goal, depth: target.depth, referrer: target.referrer, via });
    }
  }

  #skip(record: PageRecord, why: string): void {
    record.outcome = 'skipped';
    record.error = why;
    this.#skipped++;
  }

  #hostOf(url: string): Host {
    const { origin } = new URL(url);
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      host = new Host(origin, this.#downloader, this.#options);
      this.#hosts.set(origin, host);
    }
    return host;
  }
}
