/** The pages that a host lists itself: sitemaps, after sitemaps.org. */
import { load } from 'cheerio';
import { GreenletExit } from 'greenlets';
import type { Download } from './answer.ts';
import { decompress } from './decompress.ts';

const FILES = 50;
const PAGES = 50_000;
const MOST_BYTES = 50_000_000;

/** Every page in the sitemaps at `urls`, and in those that they list. One that cannot be had is left out. */
export function readSitemaps(urls: string[], get: (url: string) => Download): string[] {
  const files = [...urls];
  const pages: string[] = [];
  for (let i = 0; i < files.length && i < FILES && pages.length < PAGES; i++) {
    const $ = load(tryGet(files[i] as string, get), { xml: true });
    const texts = (selector: string) =>
      $(selector)
        .map((_, element) => $(element).text().trim())
        .get();
    files.push(...texts('sitemapindex > sitemap > loc').filter((url) => !files.includes(url)));
    pages.push(...texts('urlset > url > loc'));
  }
  return pages.slice(0, PAGES);
}

function tryGet(url: string, get: (url: string) => Download): string {
  try {
    const { status, body } = get(url);
    if (status !== 200) return '';
    const packed = body[0] === 0x1f && body[1] === 0x8b;
    return String(packed ? decompress(body, 'gzip', MOST_BYTES) : body);
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    return '';
  }
}
