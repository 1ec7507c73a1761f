import { nursery, Semaphore } from 'greenlets';
import { get } from 'greenlets/http';

const start = process.argv[2] ?? 'http://127.0.0.1:8000/1';
const titles = new Map<string, string>();
const slots = new Semaphore(5); // requests at a time

/** Reads a page; the addresses that it links to. */
function visit(url: string): string[] {
  const html = slots.use(() => get(url, { timeout: 2000 }).text());
  titles.set(url, /<title>(.*)<\/title>/.exec(html)?.[1] ?? '(no title)');
  return [...html.matchAll(/href="(.*?)"/g)].map(([, link]) => new URL(link as string, url).href);
}

try {
  nursery((group) => {
    const follow = (url: string): void => {
      if (titles.has(url)) return;
      titles.set(url, '');
      group.spawn(() => visit(url).forEach(follow));
    };
    follow(start);
  }); // returns when every page that was found is read
} finally {
  console.log(`${titles.size} pages`, [...titles.values()].sort().slice(0, 3)); // after Ctrl-C, too
}
