/** One host, and the manners towards it. */
import pLimit from 'p-limit';
import { type Download, isRefusal, type RequestOptions } from '../../answer.ts';
import type { Manners } from '../../host.ts';
import { parseRobots, type Robots } from '../../robots.ts';
import { resolveLink } from '../../urls.ts';
import type { Downloader } from './download.ts';
import { withRetries } from './retry.ts';
import { Turns } from './turns.ts';

const REDIRECTS = 5;

export class Host {
  readonly #origin: string;
  readonly #turns: Turns;
  readonly #downloader: Downloader;
  readonly #manners: Manners;
  readonly #limit: ReturnType<typeof pLimit>;
  #robots: Promise<Robots> | null = null;

  constructor(origin: string, downloader: Downloader, manners: Manners) {
    this.#origin = origin;
    this.#turns = new Turns(manners.delay);
    this.#downloader = downloader;
    this.#manners = manners;
    this.#limit = pLimit(manners.concurrency);
  }

  robots(): Promise<Robots> {
    this.#robots ??= this.#loadRobots();
    return this.#robots;
  }

  get(url: string, options?: RequestOptions): Promise<Download> {
    return this.#limit(async () => {
      await this.#turns.wait();
      const begun = performance.now();
      const download = await this.#downloader.get(url, options);
      if (isRefusal(download.status)) this.#turns.refused(begun, download.retryAfter);
      else this.#turns.answered();
      return download;
    });
  }

  async #loadRobots(): Promise<Robots> {
    const robots = parseRobots(this.#origin, await this.#readRobots(), this.#manners.userAgent);
    this.#turns.keepApart(robots.delay);
    return robots;
  }

  async #readRobots(): Promise<string | null> {
    let url = `${this.#origin}/robots.txt`;
    for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
      const { status, location, body } = await withRetries(this.#manners.retries, () => this.get(url));
      const next = location === null ? null : resolveLink(location, url);
      if (status >= 300 && status < 400 && next !== null) {
        url = next;
        continue;
      }
      if (status >= 500) return null;
      return status >= 200 && status < 300 ? body.toString('utf8') : '';
    }
    return '';
  }
}
