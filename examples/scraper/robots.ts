/** The rules of one host's robots.txt, after RFC 9309. */
import robotsParser from 'robots-parser';
import type { Download } from './answer.ts';
import { resolveLink } from './urls.ts';

export interface Robots {
  allows(url: string): boolean;
  /** Milliseconds between two requests. */
  delay: number;
  /** Where the host lists its pages; at the usual place if it does not say. */
  sitemaps: string[];
}

const REDIRECTS = 5;
const DISALLOW_ALL = 'User-agent: *\nDisallow: /';
/** The package is typed as the ES module that it is not. */
const parse = robotsParser as unknown as typeof robotsParser.default;

export function loadRobots(origin: string, get: (url: string) => Download, userAgent: string): Robots {
  return parseRobots(origin, readRobots(`${origin}/robots.txt`, get), userAgent);
}

/**
 * A host without a robots.txt allows all; one that cannot tell, because of a server error, allows nothing.
 *
 * @param text '' if there is none; null if the server failed.
 */
export function parseRobots(origin: string, text: string | null, userAgent: string): Robots {
  const robots = parse(`${origin}/robots.txt`, text ?? DISALLOW_ALL);
  const sitemaps = robots.getSitemaps();
  return {
    allows: (page) => robots.isAllowed(page, userAgent) !== false,
    sitemaps: sitemaps.length > 0 ? sitemaps : [`${origin}/sitemap.xml`],
    delay: (robots.getCrawlDelay(userAgent) ?? 0) * 1000,
  };
}

function readRobots(start: string, get: (url: string) => Download): string | null {
  let url = start;
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const { status, location, body } = get(url);
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
