/** Renders results: ratios first, since they are what survives another machine; absolute figures after them. */
import { judge } from './goals.mjs';

/** One Markdown table, also readable in a terminal. */
export function table(results, rivals, major) {
  const head = [
    'case',
    ...rivals.map((rival) => `vs ${rival}`),
    'goals',
    ...['greenlets', ...rivals].map((side) => `${side} ns`),
  ];
  const rows = results.map((result) => row(result, rivals, major));
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function row(result, rivals, major) {
  const { name, figures, unit } = result;
  const goals = judge(result, major).map(
    ({ rival, text, met }) => `${met ? 'met' : 'MISSED'}: ${rival ?? 'alone'} ${text}`,
  );
  return [
    unit === 'ns' ? name : `${name} (${unit})`,
    ...rivals.map((rival) => ratio(figures.greenlets, figures[rival])),
    goals.join('; ') || '–',
    ...['greenlets', ...rivals].map((side) => figure(figures[side])),
  ];
}

function ratio(ours, theirs) {
  if (ours === undefined || theirs === undefined) return '–';
  return ours <= theirs ? `${short(theirs / ours)}× better` : `${short(ours / theirs)}× worse`;
}

const figure = (value) => (value === undefined ? '–' : short(value));

const short = (value) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));
