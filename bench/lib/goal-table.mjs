/** The goals and how they stand, a column for each Node. */
import { goals, isGated, judge } from './goals.mjs';
import { rowName } from './measures.mjs';
import { markdownTable } from './table.mjs';

/** @param runs `[{major, rows}]`; goals of cases that none of them has played are left out. */
export function goalTable(runs) {
  const played = new Set(runs.flatMap(({ rows }) => rows.map(({ name }) => name)));
  return markdownTable(
    ['case', 'against', ...runs.map(({ major }) => `Node ${major}${isGated(major) ? '' : ' (reported)'}`)],
    goals
      .filter((goal) => played.has(goal.name))
      .map((goal) => [rowName(goal), goal.rival ?? 'a limit', ...runs.map((run) => cell(goal, run))]),
  );
}

function cell(goal, { major, rows }) {
  const { text, met, result } = judge(goal, rows, major);
  return `${met ? '✓' : '✗'} ${result} (${text})`;
}
