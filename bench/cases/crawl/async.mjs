import pLimit from 'p-limit';
import { Agent, request } from 'undici';
import { measureAsync } from '../../measure/measure.mjs';

const PAGES = 2_000;
const AT_ONCE = 50;
const site = process.env.BENCH_URL;
const dispatcher = new Agent();

async function crawl() {
  const seen = new Set(['/0']);
  const limit = pLimit(AT_ONCE);
  const visit = async (path) => {
    const page = await limit(async () => {
      const { body } = await request(site + path, { dispatcher });
      return await body.text();
    });
    const found = [];
    for (const [, link] of page.matchAll(/href="([^"]+)"/g)) {
      if (seen.has(link)) continue;
      seen.add(link);
      found.push(visit(link));
    }
    await Promise.all(found);
  };
  await visit('/0');
  if (seen.size !== PAGES) throw new Error(`found ${seen.size} pages`);
}

await measureAsync(PAGES, crawl);
await dispatcher.close();
