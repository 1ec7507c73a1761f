/** What the crawl is about, and what it finds. */

/** A page to visit. */
export interface Target {
  readonly url: string;
  readonly depth: number;
  /** The page with the first link to it, or `sitemap`; null at the start. */
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
  /** Of the last answer; null if there was none. 304: nothing has changed since the crawl before. */
  status: number | null;
  /** A kind that many pages can share, such as `HTTP 404` or `timeout`; for `skipped`, the reason. */
  error: string | null;
  message: string | null;
  redirectsTo: string | null;
  /** The address that the page itself calls the right one for what it says, if that is another. */
  canonical: string | null;
  contentType: string | null;
  charset: string | null;
  title: string | null;
  /** Distinct links to web pages, on whatever host. */
  links: number;
  bytes: number;
  /** Of the last attempt, in ms. */
  ms: number;
  attempts: number;
  /** When, in ms since 1970. */
  finished: number;
}

/** A page's record, what it says, and where it leads. */
export interface Visit {
  readonly record: PageRecord;
  readonly content: Content | null;
  /** Pages to visit next, known ones among them. */
  readonly found: Target[];
  /** What the server wants to see again when it is asked whether the page has changed. */
  readonly validators: Validators;
}

export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

/** What a page says. */
export interface Content {
  title: string | null;
  description: string | null;
  language: string | null;
  author: string | null;
  /** As the page has it; mostly ISO 8601. */
  published: string | null;
  headings: string[];
  /** The main text, a line for each block. */
  text: string;
  links: string[];
  /** Further `<meta>` elements: Open Graph, Twitter cards and such. */
  metadata: Record<string, string>;
}

export function emptyRecord({ url, depth, referrer }: Target): PageRecord {
  return {
    url,
    depth,
    referrer,
    outcome: 'error',
    status: null,
    error: null,
    message: null,
    redirectsTo: null,
    canonical: null,
    contentType: null,
    charset: null,
    title: null,
    links: 0,
    bytes: 0,
    ms: 0,
    attempts: 0,
    finished: 0,
  };
}
