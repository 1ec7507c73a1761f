/** Compares results with `goals.json`. A ratio is greenlets' figure divided by the rival's: below 1 we are faster. */
import { readFileSync } from 'node:fs';

const { gated, goals } = JSON.parse(readFileSync(new URL('../goals.json', import.meta.url), 'utf8'));

/** Whether a missed goal counts on this major version of Node, or is only reported. */
export const isGated = (major) => gated.includes(major);

/** The goals of one result as `{text, met, rival}`; goals whose rival has no figure are left out. */
export function judge({ name, unit, figures }, major) {
  const ours = figures.greenlets;
  if (ours === undefined) return [];
  return goals
    .filter((goal) => goal.case === name && (goal.rival === undefined || goal.rival in figures))
    .map((goal) => {
      if (goal.atMost !== undefined) return { text: `≤ ${goal.atMost} ${unit}`, met: ours <= goal.atMost };
      const { rival } = goal;
      const ratio = ours / figures[rival];
      if (goal.faster !== undefined) return { rival, text: `≥ ${goal.faster}× faster`, met: ratio <= 1 / goal.faster };
      const slower = byVersion(goal.slower, major);
      return { rival, text: `≤ ${slower}× its ${unit === 'ns' ? 'time' : 'memory'}`, met: ratio <= slower };
    });
}

/** A goal may name figures by major version; a version that it does not name has that of the nearest named one. */
function byVersion(figure, major) {
  if (typeof figure === 'number') return figure;
  const nearest = Object.keys(figure)
    .map(Number)
    .sort((a, b) => Math.abs(a - major) - Math.abs(b - major))[0];
  return figure[nearest];
}
