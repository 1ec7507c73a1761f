/** npm run trial:scraper: crawls 5,000 faulty pages on two hosts of this machine, and checks every one of them. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Crawler } from '../crawler.ts';
import { writeHtmlReport } from '../html-report.ts';
import { Progress } from '../progress.ts';
import { report } from '../report.ts';
import { Store } from '../store.ts';
import { check } from './check.ts';
import { RETRIES, TIMEOUT, TrialSite } from './site.ts';

const PAGES = 5000;
const HOSTS = 2;
const OPTIONS = {
  urls: [],
  depth: 1000,
  pages: 100_000,
  concurrency: 8,
  delay: 4,
  timeout: TIMEOUT,
  retries: RETRIES,
  maxBytes: 1_000_000,
  userAgent: 'greenlets-scraper',
  sitemaps: false,
  state: null,
  export: null,
  report: null,
  json: false,
};

const sites = Array.from({ length: HOSTS }, () => new TrialSite(PAGES / HOSTS));
const crawler = new Crawler(OPTIONS, new Store(':memory:'));
const progress = new Progress(crawler);
const begun = Date.now();
crawler.run(sites.map(({ origin }) => `${origin}/`));
progress.stop();

const { records, left } = crawler;
const outcome = { records, left, begun, seconds: (Date.now() - begun) / 1000 };
const file = path.join(tmpdir(), 'greenlets-scraper-trial.html');
writeHtmlReport(outcome, file);
console.log(`${report(outcome)}\nreport: ${pathToFileURL(file)}`);
const wrong = sites.flatMap((site) => {
  const own = records.filter(({ url }) => url.startsWith(`${site.origin}/`));
  return check(site, own, OPTIONS);
});
for (const site of sites) site.close();
const checked = sites.reduce((sum, site) => sum + site.expectations().size, 0);
if (wrong.length === 0) console.log(`${checked} addresses: all as expected`);
else console.error(`${wrong.join('\n')}\n${wrong.length} faults`);
process.exitCode = wrong.length === 0 ? 0 : 1;
