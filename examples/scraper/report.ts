/** What is told at the end. */
import Table from 'cli-table3';
import type { PageRecord } from './record.ts';

/** Lines around and below the head only: rows are short. */
const PLAIN = {
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  style: { head: [], border: [] },
};
const SLOWEST = 5;
const BROKEN = 20;

/** @param left how many pages were found and not visited, because of a limit or of Ctrl-C. */
export function report(records: readonly PageRecord[], left: number, seconds: number): string {
  return [totals(records, left, seconds), errors(records), slowest(records), broken(records)]
    .filter(Boolean)
    .join('\n\n');
}

function totals(records: readonly PageRecord[], left: number, seconds: number): string {
  const count = (outcome: PageRecord['outcome']) => records.filter((record) => record.outcome === outcome).length;
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0);
  const table = new Table({ ...PLAIN, colAligns: ['left', 'right'] });
  table.push(
    ['pages', count('page')],
    ['other files', count('file')],
    ['redirects', count('redirect')],
    ['errors', count('error')],
    ['skipped', count('skipped')],
    ['found, not visited', left],
    ['bytes', bytes.toLocaleString('en')],
    ['seconds', seconds.toFixed(1)],
    ['requests a second', (records.reduce((sum, record) => sum + record.attempts, 0) / seconds).toFixed(0)],
  );
  return table.toString();
}

function errors(records: readonly PageRecord[]): string {
  const kinds = new Map<string, number>();
  for (const { error } of records) if (error !== null) kinds.set(error, (kinds.get(error) ?? 0) + 1);
  const rows = [...kinds].sort(([, a], [, b]) => b - a);
  return section('Errors and skipped pages by kind', ['kind', 'pages'], rows);
}

function slowest(records: readonly PageRecord[]): string {
  const rows = records
    .filter((record) => record.status !== null)
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST)
    .map(({ url, ms, bytes }) => [Math.round(ms), bytes, url]);
  return section('Slowest', ['ms', 'bytes', 'page'], rows);
}

function broken(records: readonly PageRecord[]): string {
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
