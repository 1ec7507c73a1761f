import { Pool } from 'greenlets';
import { get } from 'greenlets/http';

/** The title of a page. get() and text() block, this greenlet only. */
function titleOf(url: string): string {
  const html = get(url, { timeout: 10_000 }).text();
  return /<title[^>]*>([^<]*)/.exec(html)?.[1] ?? '(no title)';
}

const urls = process.argv.slice(2);
const pool = new Pool(10); // at most ten at a time
for (const title of pool.imap(titleOf, urls)) console.log(title);
