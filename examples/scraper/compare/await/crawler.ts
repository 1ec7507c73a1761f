/** The same crawl with p-limit, async and await. It reads no sitemaps, and nothing can stop it on its way. */
import { Frontier } from '../../frontier.ts';
import type { Options } from '../../options.ts';
import type { PageRecord, Visit } from '../../record.ts';
import type { Store } from '../../store.ts';
import { Downloader } from './download.ts';
import { Host } from './host.ts';
import { visit } from './visitor.ts';

const UNDER_WAY = 2000;

export class AwaitCrawler {
  readonly records: PageRecord[] = [];
  readonly #options: Options;
  readonly #store: Store;
  readonly #downloader: Downloader;
  readonly #frontier: Frontier;
  readonly #hosts = new Map<string, Host>();
  #underWay = 0;
  #ended: () => void = () => {};
  #failed: (error: unknown) => void = () => {};

  constructor(options: Options, store: Store) {
    this.#options = options;
    this.#store = store;
    this.#frontier = new Frontier(options);
    this.#downloader = new Downloader(options, options.concurrency);
  }

  async run(urls: string[]): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#ended = resolve;
        this.#failed = reject;
        this.#store.addTargets(this.#frontier.begin(urls));
        this.#startPages();
      });
    } finally {
      this.#downloader.close();
    }
  }

  #startPages(): void {
    while (this.#underWay < UNDER_WAY) {
      const target = this.#frontier.next();
      if (target === undefined) break;
      this.#underWay++;
      visit(target, this.#hostOf(target.url), this.#store, this.#options.retries)
        .then((result) => {
          this.#record(result);
          this.#underWay--;
          this.#startPages();
        })
        .catch(this.#failed);
    }
    if (this.#underWay === 0) this.#ended();
  }

  #record(visit: Visit): void {
    visit.record.finished = Date.now();
    this.#store.finish(visit, this.#frontier.add(visit.found));
    if (visit.record.outcome === 'skipped') this.#frontier.refund();
    this.records.push(visit.record);
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
