/** One host, and the manners towards it. */
import { sleep } from 'greenlets';
import { Lock, Semaphore } from 'greenlets/lock';
import { DownloadError, type Downloader } from './download.ts';
import { withRetries } from './retry.ts';
import { loadRobots, type Robots } from './robots.ts';

export interface Manners {
  userAgent: string;
  concurrency: number;
  delay: number;
  retries: number;
}

export class Host {
  readonly #origin: string;
  readonly #downloader: Downloader;
  readonly #manners: Manners;
  readonly #slots: Semaphore;
  readonly #reading = new Lock();
  #delay: number;
  #nextTurn = 0;
  #robots: Robots | DownloadError | null = null;

  constructor(origin: string, downloader: Downloader, manners: Manners) {
    this.#origin = origin;
    this.#downloader = downloader;
    this.#manners = manners;
    this.#slots = new Semaphore(manners.concurrency);
    this.#delay = manners.delay;
  }

  /** Its robots.txt, read once; whoever asks meanwhile waits. @throws {DownloadError} if the host does not answer. */
  robots(): Robots {
    const robots = this.#reading.use(() => (this.#robots ??= this.#loadRobots()));
    if (robots instanceof DownloadError) throw robots;
    return robots;
  }

  /** Runs `request` when it is its turn: first come, first served, never too many at once, never too soon. */
  visit<T>(request: () => T): T {
    return this.#slots.use(() => {
      this.#waitForTurn();
      return request();
    });
  }

  #loadRobots(): Robots | DownloadError {
    const get = (url: string) => withRetries(this.#manners.retries, () => this.visit(() => this.#downloader.get(url)));
    try {
      const robots = loadRobots(this.#origin, get, this.#manners.userAgent);
      this.#delay = Math.max(this.#delay, robots.delay);
      return robots;
    } catch (error) {
      if (error instanceof DownloadError) return error;
      throw error;
    }
  }

  #waitForTurn(): void {
    const now = performance.now();
    const turn = Math.max(now, this.#nextTurn);
    this.#nextTurn = turn + this.#delay;
    if (turn > now) sleep(turn - now);
  }
}
