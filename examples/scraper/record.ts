/** What the crawl finds. */

/** A page to visit. */
export interface Target {
  readonly url: string;
  readonly depth: number;
  /** The page with the first link to it; null at the start. */
  readonly referrer: string | null;
  /** The redirects that led here, oldest first. */
  readonly via: readonly string[];
}

/** What became of it. */
export interface PageRecord {
  url: string;
  depth: number;
  referrer: string | null;
  /** How it ended: `page` is HTML that was read, `file` something else, `error` says more in `error`. */
  outcome: 'page' | 'file' | 'redirect' | 'skipped' | 'error';
  /** Of the last answer; null if there was none. */
  status: number | null;
  /** A kind that many pages can share, such as `HTTP 404` or `timeout`; for `skipped`, the reason. */
  error: string | null;
  message: string | null;
  redirectsTo: string | null;
  contentType: string | null;
  charset: string | null;
  title: string | null;
  /** Distinct links to web pages, on whatever host. */
  links: number;
  bytes: number;
  /** Of the last attempt, in ms. */
  ms: number;
  attempts: number;
}

export function emptyRecord(target: Target): PageRecord {
  return {
    url: target.url,
    depth: target.depth,
    referrer: target.referrer,
    outcome: 'error',
    status: null,
    error: null,
    message: null,
    redirectsTo: null,
    contentType: null,
    charset: null,
    title: null,
    links: 0,
    bytes: 0,
    ms: 0,
    attempts: 0,
  };
}
