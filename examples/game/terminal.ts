/** How the ticks go, as text: a histogram, and the figures beside it. */
import readline from 'node:readline';
import { ticker } from 'greenlets';
import type { Durations, TickTimes } from './server/tick-times.ts';

const BAR = 40;

/** Two histograms. */
export function describeTicks({ work, intervals }: TickTimes): string {
  return [
    `time of a tick, snapshots included (${work.size} ticks)`,
    histogram(work),
    'from tick to tick',
    histogram(intervals),
  ].join('\n');
}

function histogram(durations: Durations): string {
  const { counts, limits, size } = durations;
  const most = Math.max(1, ...counts);
  const rows = counts.map((count, i) => {
    const label = i < limits.length ? `≤ ${ms(limits[i] as number)}` : `> ${ms(limits[i - 1] as number)}`;
    const bar = '█'.repeat(Math.ceil((count / most) * BAR)).padEnd(BAR);
    return `  ${label.padStart(10)} ${bar} ${percent(count, size)}`;
  });
  const { mean, max } = durations;
  const figures = `mean ${ms(mean)}, median ${ms(durations.percentile(50))}, 99 % ≤ ${ms(durations.percentile(99))}, longest ${ms(max)}`;
  return [...rows, `  ${figures}`].join('\n');
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
}

function percent(count: number, size: number): string {
  return `${(size === 0 ? 0 : (count / size) * 100).toFixed(1).padStart(5)} %`;
}

/** Shows the histograms on a terminal, in place, until this greenlet is killed. */
export function showTicks(times: TickTimes): void {
  let height = 0;
  for (const _ of ticker(1000)) {
    readline.moveCursor(process.stdout, 0, -height);
    readline.clearScreenDown(process.stdout);
    const text = describeTicks(times);
    console.log(text);
    height = text.split('\n').length;
  }
}
