/** What counts as the same page, and which links lead to pages. */

/** `href` as seen on the page `base`, in the one form used for comparisons; null if it leads to no web page. */
export function resolveLink(href: string, base: string): string | null {
  if (!URL.canParse(href, base)) return null;
  const url = new URL(href, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  url.hash = '';
  url.username = '';
  url.password = '';
  return url.href;
}

/** The origin of a URL in that form: the part before its path. */
export function originOf(url: string): string {
  return url.slice(0, url.indexOf('/', 'https://'.length));
}
