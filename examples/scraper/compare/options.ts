/** What both sides of the comparison do: as fast as one host allows eight requests at a time. */
import type { Options } from '../options.ts';

export const OPTIONS: Options = {
  urls: [],
  depth: 1000,
  pages: 100_000,
  concurrency: 8,
  delay: 0,
  timeout: 10_000,
  retries: 2,
  maxBytes: 1_000_000,
  userAgent: 'greenlets-scraper',
  sitemaps: false,
  state: null,
  export: null,
  report: null,
  json: false,
};

/** What one run took. */
export interface Run {
  pages: number;
  ms: number;
  /** Of the crawler's process, in ms. */
  cpu: number;
}

export function measured(begun: number, cpu: NodeJS.CpuUsage, pages: number): string {
  const { user, system } = process.cpuUsage(cpu);
  const run: Run = { pages, ms: performance.now() - begun, cpu: (user + system) / 1000 };
  return JSON.stringify(run);
}
