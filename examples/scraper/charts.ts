/** The charts of the HTML report, as configurations of Chart.js. */
import type { ChartConfiguration } from 'chart.js';
import { answerTimes, type Records, tally } from './figures.ts';

const COLOURS = { page: '#3b82f6', file: '#06b6d4', redirect: '#a78bfa', skipped: '#94a3b8', error: '#ef4444' };
const BUCKETS = 60;
/** Upper ends, in ms. */
const TIMES = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const HOSTS = 15;

export type Chart = { title: string } & ChartConfiguration;

export function charts(records: Records): Chart[] {
  return [throughput(records), times(records), outcomes(records), depths(records), ...hosts(records)];
}

function throughput(records: Records): Chart {
  const begun = records.reduce((least, { finished }) => Math.min(least, finished), Number.POSITIVE_INFINITY);
  const ended = records.reduce((most, { finished }) => Math.max(most, finished), 0);
  const step = Math.max(100, (ended - begun) / BUCKETS);
  const buckets = records.length === 0 ? 0 : Math.floor((ended - begun) / step) + 1;
  const series = (wanted: (outcome: string) => boolean) => {
    const perBucket = new Array<number>(buckets).fill(0);
    for (const { finished, outcome } of records) {
      if (wanted(outcome)) (perBucket[Math.floor((finished - begun) / step)] as number)++;
    }
    return perBucket.map((pages) => Math.round((pages / step) * 1000));
  };
  const line = { fill: true, pointRadius: 0, borderWidth: 2, tension: 0.3 };
  return {
    title: 'Pages a second',
    type: 'line',
    data: {
      labels: Array.from({ length: buckets }, (_, i) => `${((i * step) / 1000).toFixed(1)} s`),
      datasets: [
        { ...line, label: 'fine', data: series((outcome) => outcome !== 'error'), ...colour(COLOURS.page) },
        { ...line, label: 'errors', data: series((outcome) => outcome === 'error'), ...colour(COLOURS.error) },
      ],
    },
    options: { scales: { x: { ticks: { maxTicksLimit: 8 }, grid: { display: false } }, y: { beginAtZero: true } } },
  };
}

function times(records: Records): Chart {
  const all = answerTimes(records);
  const below = (ms: number) => all.filter((time) => time < ms).length;
  const labels = [...TIMES.map((ms) => `< ${ms}`), `≥ ${TIMES.at(-1)}`];
  const data = [...TIMES, Number.POSITIVE_INFINITY].map(
    (ms, i) => below(ms) - (i === 0 ? 0 : below(TIMES[i - 1] as number)),
  );
  return bars('Time for an answer, in ms', labels, data);
}

function outcomes(records: Records): Chart {
  const all = tally(records, ({ outcome }) => outcome);
  return {
    title: 'What became of the pages',
    type: 'doughnut',
    data: {
      labels: all.map(([outcome]) => outcome),
      datasets: [
        {
          data: all.map(([, pages]) => pages),
          backgroundColor: all.map(([outcome]) => COLOURS[outcome as keyof typeof COLOURS]),
          borderWidth: 0,
        },
      ],
    },
    options: { plugins: { legend: { position: 'right' } } },
  };
}

function depths(records: Records): Chart {
  const all = tally(records, ({ depth }) => String(depth)).sort(([a], [b]) => Number(a) - Number(b));
  return bars(
    'Links away from the start',
    all.map(([depth]) => depth),
    all.map(([, pages]) => pages),
  );
}

/** None for a single host. */
function hosts(records: Records): Chart[] {
  const all = tally(records, ({ url }) => new URL(url).host).slice(0, HOSTS);
  if (all.length < 2) return [];
  return [
    bars(
      'Pages by host',
      all.map(([host]) => host),
      all.map(([, pages]) => pages),
    ),
  ];
}

function bars(title: string, labels: string[], data: number[]): Chart {
  return {
    title,
    type: 'bar',
    data: { labels, datasets: [{ data, backgroundColor: COLOURS.page, borderRadius: 3 }] },
    options: {
      plugins: { legend: { display: false } },
      scales: { x: { grid: { display: false } }, y: { beginAtZero: true } },
    },
  };
}

function colour(border: string): { borderColor: string; backgroundColor: string } {
  return { borderColor: border, backgroundColor: `${border}40` };
}
