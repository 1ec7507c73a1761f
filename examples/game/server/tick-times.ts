/** How steady the ticks are: what each one took, and how long after the one before it came. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { TickSummary } from '../shared/messages.ts';
import { TICK } from '../shared/rules.ts';

/** The steps of the histograms, in ms. */
const WORK_LIMITS = [0.5, 1, 2, 4, 8, 16, TICK];
const INTERVAL_LIMITS = [TICK - 8, TICK - 4, TICK - 2, TICK - 1, TICK + 1, TICK + 2, TICK + 4, TICK + 8, 2 * TICK];

export class TickTimes {
  /** From the start of a tick until its snapshots are sent, to all who can take them. */
  readonly work: Durations = new Durations(WORK_LIMITS);
  /** From the start of one tick to the start of the next. */
  readonly intervals: Durations = new Durations(INTERVAL_LIMITS);
  #begun = Number.NaN;

  /** Runs one tick. */
  measure(tick: () => void): void {
    const begun = performance.now();
    if (!Number.isNaN(this.#begun)) this.intervals.add(begun - this.#begun);
    this.#begun = begun;
    tick();
    this.work.add(performance.now() - begun);
  }
}

/** Durations in ms, counted by their length. */
export class Durations {
  readonly limits: readonly number[];
  /** How many there are up to each limit and above the one before; the last count is of those beyond all limits. */
  readonly counts: number[];
  readonly #histogram: RecordableHistogram = createHistogram();

  constructor(limits: readonly number[]) {
    this.limits = limits;
    this.counts = [...limits, 0].map(() => 0);
  }

  get size(): number {
    return this.counts.reduce((sum, count) => sum + count);
  }
  get mean(): number {
    return this.size === 0 ? 0 : this.#histogram.mean / 1000;
  }
  get max(): number {
    return this.size === 0 ? 0 : this.#histogram.max / 1000;
  }

  add(ms: number): void {
    const step = this.limits.findIndex((limit) => ms <= limit);
    const index = step === -1 ? this.limits.length : step;
    this.counts[index] = (this.counts[index] as number) + 1;
    this.#histogram.record(Math.max(1, Math.round(ms * 1000))); // it counts whole numbers: microseconds
  }

  /** @param percent from 0 to 100. */
  percentile(percent: number): number {
    return this.size === 0 ? 0 : this.#histogram.percentile(percent) / 1000;
  }

  summary(): TickSummary {
    const { counts, limits, max } = this;
    return { counts, limits: [...limits], median: this.percentile(50), p99: this.percentile(99), max };
  }
}
