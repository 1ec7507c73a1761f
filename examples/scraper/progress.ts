/** The bar that is seen while the crawl runs. */

import { Presets, SingleBar } from 'cli-progress';
import { type Greenlet, spawn, ticker } from 'greenlets';
import type { Crawler } from './crawler.ts';

const FRAME = 100;

/** Shows how far `crawler` is, on stderr, until `stop`. */
export class Progress {
  readonly #bar = new SingleBar(
    {
      format: '{bar} {percentage}% | {value} of {total} pages | {errors} errors | {mb} MB | {duration_formatted}',
      noTTYOutput: true,
      notTTYSchedule: 1000,
      hideCursor: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  readonly #crawler: Crawler;
  readonly #painter: Greenlet;

  constructor(crawler: Crawler) {
    this.#crawler = crawler;
    this.#bar.start(1, 0, { errors: 0, mb: '0.0' });
    this.#painter = spawn({ name: 'progress' }, () => {
      for (const _ of ticker(FRAME)) this.#paint();
    });
  }

  #paint(): void {
    const { records, expected } = this.#crawler;
    const errors = records.filter((record) => record.outcome === 'error').length;
    const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
    this.#bar.setTotal(Math.max(1, expected));
    this.#bar.update(records.length, { errors, mb: (bytes / 1e6).toFixed(1) });
  }

  stop(): void {
    this.#painter.throw();
    this.#paint();
    this.#bar.stop();
  }
}
