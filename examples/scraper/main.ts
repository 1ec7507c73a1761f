/** npm start: see --help. The first Ctrl-C raises Interrupted in this greenlet, where it happens to wait. */
import { Interrupted } from 'greenlets';
import { Crawler } from './crawler.ts';
import { DemoSites } from './demo-site.ts';
import { parseOptions } from './options.ts';
import { Progress } from './progress.ts';
import { report } from './report.ts';

const options = parseOptions(process.argv.slice(2));
const demo = options.urls.length === 0 ? new DemoSites() : null;
const crawler = new Crawler(options);
const progress = new Progress(crawler);
const begun = performance.now();
try {
  crawler.run(demo?.urls ?? options.urls);
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
} finally {
  progress.stop();
  const text = report(crawler.records, crawler.left, (performance.now() - begun) / 1000);
  if (options.json) {
    console.log(`[\n${crawler.records.map((record) => JSON.stringify(record)).join(',\n')}\n]`);
    console.error(text);
  } else {
    console.log(`\n${text}`);
  }
}
demo?.close();
