/** Compares what a crawl found, and what the server saw of it, with what the site knows. */
import type { PageRecord } from '../record.ts';
import type { TrialSite } from './site.ts';

export interface Limits {
  concurrency: number;
  delay: number;
}

/** Everything that is wrong, as sentences. */
export function check(site: TrialSite, records: readonly PageRecord[], limits: Limits): string[] {
  return [...checkPages(site, records), ...checkManners(site, limits)];
}

function checkPages(site: TrialSite, records: readonly PageRecord[]): string[] {
  const wrong: string[] = [];
  const found = new Map(records.map((record) => [record.url, record]));
  if (found.size !== records.length) wrong.push(`${records.length - found.size} pages have two records`);
  for (const [url, expected] of site.expectations()) {
    const { outcome, error } = found.get(url) ?? { outcome: 'not visited', error: null };
    const requests = site.requests.get(url.slice(site.origin.length)) ?? 0;
    const is = `${outcome} ${error}, ${requests} requests`;
    const due = `${expected.outcome} ${expected.error}, ${expected.requests} requests`;
    if (is !== due) wrong.push(`${url}: ${is} instead of ${due}`);
    found.delete(url);
  }
  for (const url of found.keys()) wrong.push(`${url} does not exist`);
  return wrong;
}

function checkManners({ mostAtOnce, times }: TrialSite, { concurrency, delay }: Limits): string[] {
  const wrong: string[] = [];
  // When the crawler gives up a request, the server may see the next one before it sees that.
  if (mostAtOnce > concurrency + 1) wrong.push(`${mostAtOnce} requests at once, ${concurrency} are allowed`);
  const second = (from: number) => times.filter((time) => time >= from && time < from + 1000).length;
  const most = Math.max(...times.filter((_, i) => i % 50 === 0).map(second));
  // Requests may be held up on their way and arrive together with the ones after them.
  const allowed = delay === 0 ? Number.POSITIVE_INFINITY : 1000 / delay + 1 + concurrency;
  if (most > allowed) wrong.push(`${most} requests in a second, ${Math.floor(allowed)} are allowed`);
  return wrong;
}
