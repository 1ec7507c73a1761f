/** The command line. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  /** Where the crawl begins; empty: at the pages that come with this program. */
  urls: string[];
  /** Links away from the start. */
  depth: number;
  /** Pages fetched at most. */
  pages: number;
  /** Requests to one host at a time. */
  concurrency: number;
  /** Milliseconds between two requests to one host; a longer Crawl-delay in its robots.txt wins. */
  delay: number;
  /** Milliseconds for one request, its body included. */
  timeout: number;
  /** How often a request that failed for a passing reason is repeated. */
  retries: number;
  /** Bytes of one page. */
  maxBytes: number;
  userAgent: string;
  /** Whether pages in sitemaps are visited too. */
  sitemaps: boolean;
  /** The SQLite file with the state; null keeps none. */
  state: string | null;
  /** Where what the pages say goes: .jsonl or .csv. */
  export: string | null;
  /** Where the HTML report goes. */
  report: string | null;
  json: boolean;
}

const DELAY = 100;

/** Reads the arguments. Bad ones, `--help` and `--version` end the process, as users expect. */
export function parseOptions(args: string[]): Options {
  const command = new Command('scraper')
    .description('Crawls web sites, one greenlet a page, and tells what it found.')
    .argument(
      '[urls...]',
      'where to begin; without any, several hundred pages are served on this machine and crawled',
      url,
    )
    .option('-d, --depth <n>', 'how many links away from the start', count, 10)
    .option('-p, --pages <n>', 'how many pages at most', positive, 1000)
    .option('-c, --concurrency <n>', 'how many requests to one host at a time', positive, 4)
    .option('--delay <ms>', `pause between two requests to one host (default: ${DELAY}, or 0 on this machine)`, count)
    .option('--timeout <ms>', 'how long one request may take', positive, 15_000)
    .option('--retries <n>', 'how often to repeat a request that failed for a passing reason', count, 2)
    .option('--max-bytes <n>', 'how large a page may be', positive, 5_000_000)
    .option('--user-agent <name>', 'who to be for servers and their robots.txt', 'greenlets-scraper')
    .option('--no-sitemaps', 'visit only what links lead to')
    .option(
      '-s, --state <file>',
      'SQLite file: goes on with a crawl that was cut short, else asks only for what changed',
      outputFile,
    )
    .option('-e, --export <file>', 'write title, text, links and metadata of every page, as .jsonl or .csv', exportFile)
    .option('-r, --report <file>', 'write a report with charts, as HTML', outputFile)
    .option('--json', 'print the record of every page as JSON to stdout, and the report to stderr', false)
    .addHelpText('after', '\nCtrl-C ends the crawl and reports what it has found so far; a second one ends at once.')
    .parse(args, { from: 'user' });
  const urls = command.args.map(url);
  const options = command.opts<Partial<Options>>();
  const defaults = { state: null, export: null, report: null, delay: urls.length === 0 ? 0 : DELAY };
  return { ...defaults, ...options, urls } as Options;
}

function url(text: string): string {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(full) || !/^https?:/i.test(full))
    throw new InvalidArgumentError('It is not the URL of a web page.');
  return new URL(full).href;
}

function exportFile(name: string): string {
  outputFile(name);
  if (!/\.(jsonl|csv)$/.test(name)) throw new InvalidArgumentError('It must end in .jsonl or .csv.');
  return name;
}

/** Better now than at the end of the crawl. */
function outputFile(name: string): string {
  try {
    accessSync(path.dirname(name), constants.W_OK);
  } catch {
    throw new InvalidArgumentError(`Nothing can be written into ${path.dirname(path.resolve(name))}.`);
  }
  return name;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It is not a whole number, 0 or more.');
  return value;
}

function positive(text: string): number {
  const value = count(text);
  if (value === 0) throw new InvalidArgumentError('It must be 1 or more.');
  return value;
}
