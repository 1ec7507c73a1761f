/** One crawl with greenlets; prints what it took. */
import { Crawler } from '../crawler.ts';
import { Store } from '../store.ts';
import { measured, OPTIONS } from './options.ts';

const crawler = new Crawler(OPTIONS, new Store(':memory:'));
const begun = performance.now();
const cpu = process.cpuUsage();
crawler.run([process.argv[2] as string]);
console.log(measured(begun, cpu, crawler.records.length));
