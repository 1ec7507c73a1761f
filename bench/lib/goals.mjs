/** Compares results with `goals.json`. A ratio is greenlets' figure divided by the rival's: below 1 we are faster. */
import { readFileSync } from 'node:fs';
import { cases } from './cases.mjs';
import { amount, comparison, short, unitOf } from './measures.mjs';

const { gated, goals: table } = JSON.parse(readFileSync(new URL('../goals.json', import.meta.url), 'utf8'));

/** `name` is that of a case. */
export const goals = table.map(({ case: name, ...goal }) => ({ name, measure: 'time', ...goal }));

const homeless = goals.find((goal) => !cases.some(({ name }) => name === goal.name));
if (homeless !== undefined) throw new Error(`goals.json names a case that does not exist: ${homeless.name}`);

/** Whether a missed goal counts on this major version of Node, or is only reported. */
export const isGated = (major) => gated.includes(major);

/**
 * How a goal stands: what it asks for, whether it is met, and what was measured. One that lacks a figure is not met.
 *
 * @returns `{text, met, result}`
 */
export function judge(goal, rows, major) {
  const { name, measure, rival } = goal;
  const row = rows.find((candidate) => candidate.name === name && candidate.measure === measure);
  const ours = row?.figures.greenlets;
  const theirs = row?.figures[rival];
  const { text, limit } = bound(goal, major);
  if (ours === undefined || (rival !== undefined && theirs === undefined)) {
    return { text, met: false, result: 'not measured' };
  }
  if (rival === undefined) return { text, met: ours <= limit, result: amount(ours, row.unit) };
  return { text, met: ours / theirs <= limit, result: comparison(ours, theirs) };
}

/** A goal in words, and as the most that our figure, or its ratio to the rival's, may be. */
function bound({ measure, atMost, faster, slower, throughput }, major) {
  if (atMost !== undefined) return { text: `≤ ${amount(atMost, unitOf(measure))}`, limit: atMost };
  if (faster !== undefined) return { text: `≥ ${faster}× faster`, limit: 1 / faster };
  if (throughput !== undefined) return { text: `≥ ${throughput}× its throughput`, limit: 1 / throughput };
  const limit = byVersion(slower, major);
  return { text: `≤ ${short(limit)}× its ${measure}`, limit };
}

/** A goal may name figures by major version; a version that it does not name has that of the nearest named one. */
function byVersion(figure, major) {
  if (typeof figure === 'number') return figure;
  const nearest = Object.keys(figure)
    .map(Number)
    .sort((a, b) => Math.abs(a - major) - Math.abs(b - major))[0];
  return figure[nearest];
}
