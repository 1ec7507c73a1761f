/** Which pages belong to the crawl, and which of them come next. */
import type { Target } from './record.ts';
import { resolveLink } from './urls.ts';

export class Frontier {
  readonly #depth: number;
  /** Hosts, as in `URL.host`, whose pages belong to the crawl. */
  readonly #scope = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #waiting: Target[] = [];
  #budget: number;

  /** @param limits how far from the start, and how many pages. */
  constructor(limits: { depth: number; pages: number }) {
    this.#depth = limits.depth;
    this.#budget = limits.pages;
  }

  /** Pages ever found. */
  get found(): number {
    return this.#seen.size;
  }
  /** Pages that will still be started, as far as is known now. */
  get ahead(): number {
    return Math.min(this.#waiting.length, this.#budget);
  }

  /** Takes the crawl up where it was left. */
  resume(visited: Iterable<string>, waiting: readonly Target[]): void {
    for (const url of visited) this.#seen.add(url);
    for (const target of waiting) {
      this.#scope.add(new URL(target.url).host);
      this.#seen.add(target.url);
      this.#waiting.push(target);
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
      this.#waiting.push(target);
      return true;
    });
  }

  /** Takes the next page, in the order in which they were found; undefined if there is none, or no budget for it. */
  next(): Target | undefined {
    const target = this.#budget > 0 ? this.#waiting.shift() : undefined;
    if (target !== undefined) this.#budget--;
    return target;
  }

  /** A page that was taken was not fetched after all. */
  refund(): void {
    this.#budget++;
  }
}
