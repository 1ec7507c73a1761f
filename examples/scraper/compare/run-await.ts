/** One crawl with p-limit and await; prints what it took. */
import { Store } from '../store.ts';
import { AwaitCrawler } from './await/crawler.ts';
import { measured, OPTIONS } from './options.ts';

const crawler = new AwaitCrawler(OPTIONS, new Store(':memory:'));
const begun = performance.now();
const cpu = process.cpuUsage();
await crawler.run([process.argv[2] as string]);
console.log(measured(begun, cpu, crawler.records.length));
