/** An HTML page, read. */
import { isUtf8 } from 'node:buffer';
import { load } from 'cheerio';
import { decodeBuffer, getEncoding } from 'encoding-sniffer';
import { readContent } from './content.ts';
import type { Content } from './record.ts';
import { resolveLink } from './urls.ts';

export interface Page {
  /** Lower-case. */
  charset: string;
  canonical: string | null;
  content: Content;
  /** Those of its links that may be followed: absolute, distinct, in the order of the page. */
  follow: string[];
}

/** @param charset as the Content-Type header has it: a byte order mark wins over it, a `<meta>` in the page does not. */
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
  for (const { attribs } of $('a[href], area[href], iframe[src], frame[src]')) {
    const link = resolveLink((attribs.href ?? attribs.src ?? '').trim(), base);
    if (link === null) continue;
    links.add(link);
    if (mayFollow && !/\bnofollow\b/i.test(attribs.rel ?? '')) follow.add(link);
  }
  const canonical = resolveLink($('link[rel="canonical" i]').attr('href') ?? url, base);
  return {
    charset: getEncoding(body, sniff).toLowerCase(),
    canonical: canonical === url ? null : canonical,
    content: readContent($, [...links]),
    follow: [...follow],
  };
}
