/** What is told in the terminal at the end. */
import Table from 'cli-table3';
import { answerTimes, count, type Outcome, percentile, type Records, rate, slowest, sum, tally } from './figures.ts';

/** Lines around and below the head only: rows are short. */
const PLAIN = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: [] },
};
const SLOWEST = 5;
const BROKEN = 20;

export function report(outcome: Outcome): string {
  const { records } = outcome;
  return [totals(outcome), errors(records), slow(records), broken(records)].filter(Boolean).join('\n\n');
}

function totals(outcome: Outcome): string {
  const { records, left, seconds } = outcome;
  const times = answerTimes(records);
  const table = new Table({ ...PLAIN, colAligns: ['left', 'right'] });
  table.push(
    ['pages', count(records, 'page')],
    ['unchanged pages', records.filter(({ status }) => status === 304).length],
    ['other files', count(records, 'file')],
    ['redirects', count(records, 'redirect')],
    ['errors', count(records, 'error')],
    ['skipped', count(records, 'skipped')],
    ['found, not visited', left],
    ['bytes', sum(records, ({ bytes }) => bytes).toLocaleString('en')],
    ['seconds', seconds.toFixed(1)],
    ['requests a second', Math.round(rate(outcome))],
    ['ms for an answer: median, 99 %', `${percentile(times, 0.5).toFixed(0)}, ${percentile(times, 0.99).toFixed(0)}`],
  );
  return table.toString();
}

function errors(records: Records): string {
  return section(
    'Errors and skipped pages by kind',
    ['kind', 'pages'],
    tally(records, ({ error }) => error),
  );
}

function slow(records: Records): string {
  const rows = slowest(records, SLOWEST).map(({ url, ms, bytes }) => [Math.round(ms), bytes, url]);
  return section('Slowest', ['ms', 'bytes', 'page'], rows);
}

function broken(records: Records): string {
  const all = records.filter((record) => record.outcome === 'error');
  const rows = all.slice(0, BROKEN).map(({ url, error, referrer }) => [error ?? '', url, referrer ?? '(start)']);
  const title = all.length > BROKEN ? `Broken links (the first ${BROKEN} of ${all.length})` : 'Broken links';
  return section(title, ['error', 'link', 'on page'], rows);
}

/** '' without rows. */
function section(title: string, head: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return '';
  const colAligns = (rows[0] ?? []).map((cell) => (typeof cell === 'number' ? 'right' : 'left'));
  const table = new Table({ ...PLAIN, head, colAligns });
  table.push(...rows);
  return `${title}\n${table}`;
}
