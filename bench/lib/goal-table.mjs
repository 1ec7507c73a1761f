/** The goals and how they stand, a column for each Node. */
import { goals, isGated, judge } from './goals.mjs';
import { rowName } from './measures.mjs';
import { markdownTable } from './table.mjs';

/** @param runs `[{major, rows}]`. Goals of cases that none of them has played are left out; without any, nothing. */
export function goalTable(runs) {
  const played = new Set(runs.flatMap(({ rows }) => rows.map(({ name }) => name)));
  const judged = goals.filter((goal) => played.has(goal.name));
  if (judged.length === 0) return '';
  return markdownTable(
    ['case', 'against', ...runs.map(({ major }) => `Node ${major}${isGated(major) ? '' : ' (reported)'}`)],
    judged.map((goal) => [rowName(goal), goal.rival ?? 'a limit', ...runs.map((run) => cell(goal, run))]),
  );
}

function cell(goal, { major, rows }) {
  const { text, met, result } = judge(goal, rows, major);
  return `${met ? '✓' : '✗'} ${result} (${text})`;
}
