/** npm start: see --help. The first Ctrl-C raises Interrupted in this greenlet, where it happens to wait. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Interrupted } from 'greenlets';
import { Crawler } from './crawler.ts';
import { DemoSites } from './demo-site.ts';
import { exportPages } from './export.ts';
import type { Outcome } from './figures.ts';
import { writeHtmlReport } from './html-report.ts';
import { parseOptions } from './options.ts';
import { Progress } from './progress.ts';
import { report } from './report.ts';
import { Store } from './store.ts';

const options = parseOptions(process.argv.slice(2));
const demo = options.urls.length === 0 ? new DemoSites() : null;
const store = openStore(options.state ?? ':memory:');
const say = options.json ? console.error : console.log;
if (store.resumed) say(`going on with the crawl in ${options.state}`);

const crawler = new Crawler(options, store);
const progress = new Progress(crawler);
const begun = Date.now();
try {
  crawler.run(demo?.urls ?? options.urls);
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
} finally {
  progress.stop();
  tell({ records: crawler.records, left: crawler.left, begun, seconds: (Date.now() - begun) / 1000 });
  store.close(crawler.left === 0);
}
demo?.close();

function openStore(file: string): Store {
  try {
    return new Store(file);
  } catch (error) {
    console.error(`scraper: cannot keep the state in ${file}: ${(error as Error).message}`);
    process.exit(1);
  }
}

/** Nothing in here blocks: it runs after Ctrl-C too. */
function tell(outcome: Outcome): void {
  if (options.json) console.log(`[\n${outcome.records.map((record) => JSON.stringify(record)).join(',\n')}\n]`);
  say(`\n${report(outcome)}`);
  if (options.export !== null) say(`${exportPages(store, options.export)} pages in ${options.export}`);
  const file = options.report ?? (demo === null ? null : path.join(tmpdir(), 'greenlets-scraper.html'));
  if (file !== null) {
    writeHtmlReport(outcome, file);
    say(`report: ${pathToFileURL(file)}`);
  }
}
