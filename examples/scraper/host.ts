/** One host: the manners towards it, and how the crawl of it goes. */
import { Lock, Semaphore } from 'greenlets/lock';
import { type Download, DownloadError, isRefusal, type RequestOptions } from './answer.ts';
import type { Downloader } from './download.ts';
import type { PageRecord } from './record.ts';
import { withRetries } from './retry.ts';
import { loadRobots, type Robots } from './robots.ts';
import { readSitemaps } from './sitemap.ts';
import { Turns } from './turns.ts';
import { originOf } from './urls.ts';

export interface Manners {
  userAgent: string;
  concurrency: number;
  delay: number;
  retries: number;
}

export class Host {
  readonly origin: string;
  found = 0;
  done = 0;
  errors = 0;
  bytes = 0;
  /** Requests under way. */
  inFlight = 0;
  readonly turns: Turns;
  readonly #downloader: Downloader;
  readonly #manners: Manners;
  readonly #slots: Semaphore;
  readonly #reading = new Lock();
  #robots: Robots | DownloadError | null = null;

  constructor(origin: string, downloader: Downloader, manners: Manners) {
    this.origin = origin;
    this.turns = new Turns(manners.delay);
    this.#downloader = downloader;
    this.#manners = manners;
    this.#slots = new Semaphore(manners.concurrency);
  }

  /** Takes note of a page that is done. */
  count({ outcome, bytes }: PageRecord): void {
    this.done++;
    this.bytes += bytes;
    if (outcome === 'error') this.errors++;
  }

  /** Its robots.txt, read once; whoever asks meanwhile waits. @throws {DownloadError} if the host does not answer. */
  robots(): Robots {
    const robots = this.#reading.use(() => (this.#robots ??= this.#loadRobots()));
    if (robots instanceof DownloadError) throw robots;
    return robots;
  }

  /** Requests `url` when it is its turn: first come, first served, never too many at once, never too soon. */
  get(url: string, options?: RequestOptions): Download {
    return this.#slots.use(() => {
      this.turns.wait();
      const begun = performance.now();
      this.inFlight++;
      try {
        const download = this.#downloader.get(url, options);
        if (isRefusal(download.status)) this.turns.refused(begun, download.retryAfter);
        else this.turns.answered();
        return download;
      } finally {
        this.inFlight--;
      }
    });
  }

  /** The pages that it lists in its sitemaps; none if it does not answer. */
  listedPages(): string[] {
    const get = (url: string) => withRetries(this.#manners.retries, () => this.get(url, { anyType: true }));
    try {
      return readSitemaps(this.robots().sitemaps, get);
    } catch (error) {
      if (error instanceof DownloadError) return [];
      throw error;
    }
  }

  #loadRobots(): Robots | DownloadError {
    const { retries, userAgent } = this.#manners;
    try {
      const robots = loadRobots(this.origin, (url) => withRetries(retries, () => this.get(url)), userAgent);
      this.turns.keepApart(robots.delay);
      return robots;
    } catch (error) {
      if (error instanceof DownloadError) return error;
      throw error;
    }
  }
}

/** The hosts of a crawl. */
export class Hosts {
  readonly #hosts = new Map<string, Host>();
  readonly #downloader: Downloader;
  readonly #manners: Manners;

  constructor(downloader: Downloader, manners: Manners) {
    this.#downloader = downloader;
    this.#manners = manners;
  }

  /** @param url in the form that `resolveLink` gives. */
  of(url: string): Host {
    const origin = originOf(url);
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      host = new Host(origin, this.#downloader, this.#manners);
      this.#hosts.set(origin, host);
    }
    return host;
  }

  [Symbol.iterator](): IterableIterator<Host> {
    return this.#hosts.values();
  }
}
