/** Renders rows: ratios first, since they are what survives another machine; absolute figures after them. */
import { amount, comparison, rowName } from './measures.mjs';
import { sideFiles } from './sides.mjs';

/** A Markdown table, also readable in a terminal. */
export function markdownTable(head, lines) {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}

/** How greenlets compare with each rival. */
export function ratioTable(rows) {
  const rivals = sidesOf(rows).filter((side) => side !== 'greenlets');
  return markdownTable(
    ['case', 'greenlets', ...rivals.map((rival) => `vs ${rival}`)],
    rows.map((row) => [
      rowName(row),
      figure(row, 'greenlets'),
      ...rivals.map((rival) => comparison(row.figures.greenlets, row.figures[rival])),
    ]),
  );
}

/** What each side took. */
export function figureTable(rows) {
  const sides = sidesOf(rows);
  return markdownTable(
    ['case', ...sides],
    rows.map((row) => [rowName(row), ...sides.map((side) => figure(row, side))]),
  );
}

/** Those that have a figure, in the usual order. */
function sidesOf(rows) {
  return Object.keys(sideFiles).filter((side) => rows.some(({ figures }) => side in figures));
}

function figure({ figures, unit }, side) {
  return figures[side] === undefined ? '–' : amount(figures[side], unit);
}
