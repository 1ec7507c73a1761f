/** Renders rows: ratios first, since they are what survives another machine; absolute figures after them. */
import { amount, comparison, rowName } from './measures.mjs';

/** A Markdown table, also readable in a terminal. */
export function markdownTable(head, lines) {
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}

/** How greenlets compare with each rival. */
export function ratioTable(rows, rivals) {
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
export function figureTable(rows, sides) {
  return markdownTable(
    ['case', ...sides],
    rows.map((row) => [rowName(row), ...sides.map((side) => figure(row, side))]),
  );
}

function figure({ figures, unit }, side) {
  return figures[side] === undefined ? '–' : amount(figures[side], unit);
}
