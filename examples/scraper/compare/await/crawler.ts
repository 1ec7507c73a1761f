/** The same crawl with p-limit, async and await. It reads no sitemaps, and nothing can stop it on its way. */
import { Frontier } from '../../frontier.ts';
import type { Options } from '../../options.ts';
import type { PageRecord, Target, Visit } from '../../record.ts';
import type { Store } from '../../store.ts';
import { originOf } from '../../urls.ts';
import { Downloader } from './download.ts';
import { Host } from './host.ts';
import { visit } from './visitor.ts';

export class AwaitCrawler {
  readonly records: PageRecord[] = [];
  readonly #options: Options;
  readonly #store: Store;
  readonly #downloader: Downloader;
  readonly #frontier: Frontier;
  readonly #hosts = new Map<string, Host>();
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
    for (const target of this.#frontier.take()) {
      this.#handle(target).catch(this.#failed);
    }
    if (this.#frontier.idle) this.#ended();
  }

  async #handle(target: Target): Promise<void> {
    this.#record(target, await visit(target, this.#hostOf(target.url), this.#store, this.#options.retries));
    this.#startPages();
  }

  #record(target: Target, visit: Visit): void {
    visit.record.finished = Date.now();
    this.#store.finish(visit, this.#frontier.add(visit.found));
    this.#frontier.done(target, visit.record.outcome !== 'skipped');
    this.records.push(visit.record);
  }

  #hostOf(url: string): Host {
    const origin = originOf(url);
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      host = new Host(origin, this.#downloader, this.#options);
      this.#hosts.set(origin, host);
    }
    return host;
  }
}
