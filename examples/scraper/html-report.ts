/** The report with charts: one HTML file that needs nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { EXAMPLES } from '../assets.ts';
import { charts } from './charts.ts';
import { answerTimes, count, type Outcome, percentile, rate, slowest, sum, tally } from './figures.ts';
import type { PageRecord } from './record.ts';

const ROWS = 100;
const chartLibrary = path.join(path.dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js');
const style = new URL('scraper/report.css', EXAMPLES);

export function writeHtmlReport(outcome: Outcome, file: string): void {
  writeFileSync(file, page(outcome));
}

function page(outcome: Outcome): string {
  const { records, begun } = outcome;
  const hosts = tally(records, ({ url }) => new URL(url).host).map(([host]) => host);
  // Inside a script, only `<` could end it early.
  const data = JSON.stringify(charts(records)).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Crawl of ${escapeHtml(hosts.join(', '))}</title>
<style>${readFileSync(style, 'utf8')}</style>
<header>
  <h1>Crawl of ${escapeHtml(hosts.slice(0, 3).join(', '))}${hosts.length > 3 ? ` and ${hosts.length - 3} more` : ''}</h1>
  <p>${new Date(begun).toUTCString()}</p>
</header>
<section class="tiles">${tiles(outcome)}</section>
<section class="charts"></section>
${tables(records)}
<script>${readFileSync(chartLibrary, 'utf8')}</script>
<script>
const css = getComputedStyle(document.documentElement);
Chart.defaults.color = css.getPropertyValue('--soft');
Chart.defaults.borderColor = css.getPropertyValue('--line');
Chart.defaults.font.family = css.fontFamily;
Chart.defaults.animation = false;
Chart.defaults.maintainAspectRatio = false;
for (const { title, ...chart } of ${data}) {
  const figure = document.createElement('figure');
  const caption = figure.appendChild(document.createElement('figcaption'));
  caption.textContent = title;
  const box = figure.appendChild(document.createElement('div'));
  new Chart(box.appendChild(document.createElement('canvas')), chart);
  document.querySelector('.charts').append(figure);
}
</script>
`;
}

function tiles(outcome: Outcome): string {
  const { records, left, seconds } = outcome;
  const times = answerTimes(records);
  const all: [value: string, name: string][] = [
    [count(records, 'page').toLocaleString('en'), 'pages'],
    [count(records, 'error').toLocaleString('en'), 'errors'],
    [count(records, 'redirect').toLocaleString('en'), 'redirects'],
    [(sum(records, ({ bytes }) => bytes) / 1e6).toFixed(1), 'MB'],
    [seconds.toFixed(1), 'seconds'],
    [rate(outcome).toFixed(0), 'requests a second'],
    [percentile(times, 0.5).toFixed(0), 'ms, median answer'],
    [percentile(times, 0.99).toFixed(0), 'ms, 99 % of answers'],
    [left.toLocaleString('en'), 'found, not visited'],
  ];
  return all.map(([value, name]) => `<div><b>${value}</b>${name}</div>`).join('\n');
}

function tables(records: readonly PageRecord[]): string {
  const broken = records.filter(({ outcome }) => outcome === 'error');
  const moved = records.filter(({ redirectsTo }) => redirectsTo !== null);
  const doubles = records.filter(({ canonical }) => canonical !== null);
  return [
    table(
      'Errors and skipped pages by kind',
      ['kind', 'pages'],
      tally(records, ({ error }) => error),
    ),
    table(
      'Broken links',
      ['error', 'link', 'on page'],
      broken.map(({ url, error, referrer }) => [error, url, referrer]),
    ),
    table(
      'Slowest',
      ['ms', 'page'],
      slowest(records, 20).map(({ url, ms }) => [Math.round(ms), url]),
    ),
    table(
      'Redirects',
      ['from', 'to', 'on page'],
      moved.map(({ url, redirectsTo, referrer }) => [url, redirectsTo, referrer]),
    ),
    table(
      'Copies of another page',
      ['page', 'canonical'],
      doubles.map(({ url, canonical }) => [url, canonical]),
    ),
  ].join('\n');
}

/** '' without rows. */
function table(title: string, head: string[], rows: (string | number | null)[][]): string {
  if (rows.length === 0) return '';
  const body = rows.slice(0, ROWS).map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  const more = rows.length > ROWS ? `<p>${rows.length - ROWS} more in the records.</p>` : '';
  return `<section><h2>${title} <small>${rows.length}</small></h2><div class="scroll"><table>
<thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>${more}</section>`;
}

function cell(value: string | number | null): string {
  if (typeof value === 'number') return `<td class="number">${value.toLocaleString('en')}</td>`;
  if (value === null) return '<td>–</td>';
  const text = escapeHtml(value);
  return /^https?:/.test(value) ? `<td><a href="${text}">${text}</a></td>` : `<td>${text}</td>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
