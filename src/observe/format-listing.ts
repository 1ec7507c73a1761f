import type { Listing } from './listing.ts';
import { printable } from './printable.ts';

/** What is shown of a text, at most. */
const WIDEST = 48;

type Row = readonly string[];

/** The greenlets of a process as lines: counters, a head, and one line for each greenlet. */
export function formatListing({ stats, greenlets }: Listing): string[] {
  const { alive, blocked, ready, switches } = stats;
  const rows: Row[] = [['ID', 'CPU ms', 'NAME', 'STATE', 'AT']];
  for (const { id, cpuTime, name, state, at } of greenlets) {
    rows.push([id === 0 ? '' : String(id), cpuTime.toFixed(1), cut(name), cut(state), printable(at)]);
  }
  const [id, cpu, name, state] = [0, 1, 2, 3].map((column) => widthOf(rows, column)) as [
    number,
    number,
    number,
    number,
  ];
  return [
    `${alive} greenlets: ${blocked} blocked, ${ready} ready; ${switches} switches so far`,
    ...rows.map((row) => {
      const [first, second, third, fourth, last] = row as [string, string, string, string, string];
      return `${first.padStart(id)}  ${second.padStart(cpu)}  ${third.padEnd(name)}  ${fourth.padEnd(state)}  ${last}`;
    }),
  ];
}

function widthOf(rows: readonly Row[], column: number): number {
  return rows.reduce((widest, row) => Math.max(widest, (row[column] as string).length), 0);
}

function cut(raw: string): string {
  const text = printable(raw);
  return text.length <= WIDEST ? text : `${text.slice(0, WIDEST - 1)}…`;
}
