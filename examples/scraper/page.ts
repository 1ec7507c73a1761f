/** What is read from an HTML page. */
import { isUtf8 } from 'node:buffer';
import { load } from 'cheerio';
import { decodeBuffer, getEncoding } from 'encoding-sniffer';
import { resolveLink } from './urls.ts';

export interface Page {
  /** Lower-case. */
  charset: string;
  title: string | null;
  /** Absolute, distinct, in the order of the page. */
  links: string[];
  /** Those of them that may be followed. */
  follow: string[];
}

/**
 * @param charset as the Content-Type header has it; a byte order mark wins over it, a `<meta>` in the page does not.
 */
export function readPage(body: Buffer, url: string, charset: string | null): Page {
  const sniff = {
    defaultEncoding: isUtf8(body) ? 'utf-8' : 'windows-1252',
    ...(charset === null ? {} : { transportLayerEncodingLabel: charset }),
  };
  const $ = load(decodeBuffer(body, sniff));
  const base = resolveLink($('base[href]').attr('href') ?? '', url) ?? url;
  const mayFollow = !/\b(nofollow|none)\b/i.test($('meta[name="robots" i]').attr('content') ?? '');
  const links = new Set<string>();
  const follow = new Set<string>();
  for (const element of $('a[href], area[href], iframe[src], frame[src]')) {
    const link = resolveLink((element.attribs.href ?? element.attribs.src ?? '').trim(), base);
    if (link === null) continue;
    links.add(link);
    if (mayFollow && !/\bnofollow\b/i.test(element.attribs.rel ?? '')) follow.add(link);
  }
  return {
    charset: getEncoding(body, sniff).toLowerCase(),
    title: $('title').first().text().replace(/\s+/g, ' ').trim() || null,
    links: [...links],
    follow: [...follow],
  };
}
