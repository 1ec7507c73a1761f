/** What an answer means for the crawl. */
import type { Download } from './answer.ts';
import { readPage } from './page.ts';
import type { PageRecord, Target, Visit } from './record.ts';
import { resolveLink } from './urls.ts';

const REDIRECTS = 10;
const NOTHING = { content: null, found: [], validators: { etag: null, lastModified: null } };

/** @param earlier what was found there in the crawl before. */
export function judge(target: Target, record: PageRecord, download: Download, earlier: Visit | null): Visit {
  const { status, contentType, body, ms } = download;
  Object.assign(record, { status, contentType, ms, bytes: body.length });
  if (status === 304 && earlier !== null) return unchanged(target, record, earlier);
  if (status >= 300 && status < 400) return redirect(target, record, download);
  if (status >= 400) return failed(record, `HTTP ${status}`);
  if (contentType === 'text/html' || contentType === 'application/xhtml+xml') return read(target, record, download);
  return { record: Object.assign(record, { outcome: 'file' }), ...NOTHING };
}

export function skipped(record: PageRecord, why: string): Visit {
  return { record: Object.assign(record, { outcome: 'skipped', error: why }), ...NOTHING };
}

export function failed(record: PageRecord, kind: string, message: string | null = null): Visit {
  return { record: Object.assign(record, { outcome: 'error', error: kind, message }), ...NOTHING };
}

function read(target: Target, record: PageRecord, download: Download): Visit {
  const { charset, canonical, content, follow } = readPage(download.body, target.url, download.charset);
  const { title, links } = content;
  Object.assign(record, { outcome: 'page', charset, canonical, title, links: links.length });
  const goals = canonical === null ? follow : [canonical, ...follow];
  const found = goals.map((url) => ({ url, depth: target.depth + 1, referrer: target.url, via: [] }));
  return { record, content, found, validators: download.validators };
}

/** The page is what it was in the crawl before. */
function unchanged(target: Target, record: PageRecord, earlier: Visit): Visit {
  const { outcome, contentType, charset, canonical, title, links } = earlier.record;
  Object.assign(record, { outcome, contentType, charset, canonical, title, links });
  const found = earlier.found.map((page) => ({ ...page, depth: target.depth + 1 }));
  return { ...earlier, record, found };
}

/** Its goal is a page of its own, so that a page with many redirects to it is fetched once. */
function redirect(target: Target, record: PageRecord, { location }: Download): Visit {
  const { depth, referrer } = target;
  const goal = location === null ? null : resolveLink(location, target.url);
  record.redirectsTo = goal;
  const via = [...target.via, target.url];
  if (goal === null) return failed(record, 'redirect without a goal');
  if (via.includes(goal)) return failed(record, 'redirect loop');
  if (via.length > REDIRECTS) return failed(record, 'too many redirects');
  return {
    record: Object.assign(record, { outcome: 'redirect' }),
    ...NOTHING,
    found: [{ url: goal, depth, referrer, via }],
  };
}
