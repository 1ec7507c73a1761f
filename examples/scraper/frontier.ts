/** Which pages belong to the crawl, and which of them come next. */
import type { Target } from './record.ts';
import { resolveLink } from './urls.ts';

/** So many pages under way for each request that their host allows: enough that its slots are never empty. */
const AHEAD = 4;

/** The pages of one host. */
interface Line {
  readonly waiting: Target[];
  underWay: number;
}

export class Frontier {
  readonly #depth: number;
  readonly #underWayPerHost: number;
  /** Hosts, as in `URL.host`, whose pages belong to the crawl. */
  readonly #scope = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #lines = new Map<string, Line>();
  #waiting = 0;
  #underWay = 0;
  #budget: number;

  /** @param limits how far from the start, how many pages, and how many requests to one host at a time. */
  constructor(limits: { depth: number; pages: number; concurrency: number }) {
    this.#depth = limits.depth;
    this.#underWayPerHost = limits.concurrency * AHEAD;
    this.#budget = limits.pages;
  }

  /** Pages ever found. */
  get found(): number {
    return this.#seen.size;
  }
  /** Pages that are under way or will still be, as far as is known now. */
  get ahead(): number {
    return this.#underWay + Math.min(this.#waiting, this.#budget);
  }
  /** True while no page is under way. */
  get idle(): boolean {
    return this.#underWay === 0;
  }

  /** Takes the crawl up where it was left. */
  resume(visited: Iterable<string>, waiting: readonly Target[]): void {
    for (const url of visited) this.#seen.add(url);
    for (const target of waiting) {
      this.#scope.add(new URL(target.url).host);
      this.#seen.add(target.url);
      this.#enqueue(target);
    }
  }

  /** Adds where the crawl begins; returns what is new. */
  begin(urls: readonly string[]): Target[] {
    return this.add(urls.map((url) => ({ url: resolveLink('', url) as string, depth: 0, referrer: null, via: [] })));
  }

  /** Adds those of `targets` that belong to the crawl and are new; returns them. */
  add(targets: readonly Target[]): Target[] {
    return targets.filter((target) => {
      const { host } = new URL(target.url);
      if (target.depth === 0) this.#scope.add(host); // also where a start redirects to: http://a.org → https://www.a.org
      if (target.depth > this.#depth || !this.#scope.has(host) || this.#seen.has(target.url)) return false;
      this.#seen.add(target.url);
      this.#enqueue(target);
      return true;
    });
  }

  /**
   * Takes what comes next, as far as there is budget for it and its host has not enough under way: no host keeps the
   * others waiting, and its own pages come in the order in which they were found.
   */
  *take(): IterableIterator<Target> {
    for (let target = this.#next(); target !== undefined; target = this.#next()) yield target;
  }

  #next(): Target | undefined {
    if (this.#budget === 0) return undefined;
    for (const line of this.#lines.values()) {
      const target = line.underWay < this.#underWayPerHost ? line.waiting.shift() : undefined;
      if (target === undefined) continue;
      this.#budget--;
      this.#waiting--;
      this.#underWay++;
      line.underWay++;
      return target;
    }
    return undefined;
  }

  /** A page that was taken is done. */
  done(target: Target, fetched: boolean): void {
    this.#underWay--;
    this.#lineOf(target).underWay--;
    if (!fetched) this.#budget++;
  }

  #enqueue(target: Target): void {
    this.#lineOf(target).waiting.push(target);
    this.#waiting++;
  }

  #lineOf({ url }: Target): Line {
    const { host } = new URL(url);
    let line = this.#lines.get(host);
    if (line === undefined) {
      line = { waiting: [], underWay: 0 };
      this.#lines.set(host, line);
    }
    return line;
  }
}
