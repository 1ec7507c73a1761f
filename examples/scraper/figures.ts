/** The figures of a crawl, for both reports. */
import type { PageRecord } from './record.ts';

export type Records = readonly PageRecord[];

/** How a crawl ended. */
export interface Outcome {
  /** Of this run, and of those before it that it went on with. */
  records: Records;
  /** How many pages were found and not visited, because of a limit or of Ctrl-C. */
  left: number;
  /** When this run began, in ms since 1970. */
  begun: number;
  /** How long it took. */
  seconds: number;
}

/** Requests a second, in this run. */
export function rate({ records, begun, seconds }: Outcome): number {
  const own = records.filter(({ finished }) => finished >= begun);
  return seconds === 0 ? 0 : sum(own, ({ attempts }) => attempts) / seconds;
}

export function count(records: Records, outcome: PageRecord['outcome']): number {
  return records.filter((record) => record.outcome === outcome).length;
}

export function sum(records: Records, value: (record: PageRecord) => number): number {
  return records.reduce((total, record) => total + value(record), 0);
}

/** How many records fall under each key, most first; null counts under none. */
export function tally(records: Records, key: (record: PageRecord) => string | null): [key: string, count: number][] {
  const counts = new Map<string, number>();
  for (const record of records) {
    const name = key(record);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

export function slowest(records: Records, most: number): PageRecord[] {
  return records
    .filter((record) => record.status !== null)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, most);
}

/** The value below which `share` of the sorted `values` lie. */
export function percentile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
}

export function answerTimes(records: Records): number[] {
  return records
    .filter((record) => record.status !== null)
    .map((record) => record.ms)
    .sort((a, b) => a - b);
}
