/** One operation: a page, of a local site of 2,000 that is crawled by its links, 50 at a time. `async`: undici, `await` and p-limit. */
import { get } from '../../../dist/http.js';
import { run, spawn } from '../../../dist/index.js';
import { JoinableQueue } from '../../../dist/queue.js';
import { measure } from '../../measure/measure.mjs';

const PAGES = 2_000;
const AT_ONCE = 50;
const site = process.env.BENCH_URL;

function crawl() {
  const seen = new Set(['/0']);
  const queue = new JoinableQueue();
  queue.put('/0');
  for (let i = 0; i < AT_ONCE; i++) spawn(worker, queue, seen);
  queue.join();
  queue.shutdown();
  if (seen.size !== PAGES) throw new Error(`found ${seen.size} pages`);
}

function worker(queue, seen) {
  for (const path of queue) {
    for (const [, link] of get(site + path)
      .text()
      .matchAll(/href="([^"]+)"/g)) {
      if (seen.has(link)) continue;
      seen.add(link);
      queue.put(link);
    }
    queue.taskDone();
  }
}

await run(() => measure(PAGES, crawl));
