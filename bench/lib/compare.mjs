/** Plays one case: all sides in turn, several rounds, so that a busy minute of the machine hits every side alike. */
import { runChild } from './child.mjs';
import { goals } from './goals.mjs';
import { measures } from './measures.mjs';
import { median } from './median.mjs';
import { startServer } from './server.mjs';
import { command } from './sides.mjs';

/** A side that no goal looks at is only reported: the median of a few rounds will do. */
const REPORTED_ROUNDS = 3;

/** How many rounds each of the sides plays, as `{side: rounds}`. */
export function roundsOf(one, sides, rounds) {
  const most = Math.min(rounds, one.rounds ?? rounds);
  const counts = (side) => side === 'greenlets' || goals.some((goal) => goal.name === one.name && goal.rival === side);
  return Object.fromEntries(sides.map((side) => [side, counts(side) ? most : Math.min(most, REPORTED_ROUNDS)]));
}

/**
 * @returns `{rows: [{name, measure, unit, figures: {side: number}}], failures: {side: message}}`: the median of all
 * rounds a side. A side that fails once is out; the others go on. `played(side)` is called after every program.
 */
export async function compare(one, sides, { rounds, ms, played, ...tools }) {
  const samples = Object.fromEntries(sides.map((side) => [side, []]));
  const failures = {};
  const turns = roundsOf(one, sides, rounds);
  const server = one.server === undefined ? undefined : await startServer(one.server);
  try {
    for (let round = 0; round < Math.max(...Object.values(turns)); round++) {
      for (const side of sides) {
        if (round >= turns[side]) continue;
        try {
          if (side in failures) continue;
          samples[side].push(
            runChild(command(one, side, tools), {
              BENCH_MS: String(one.ms ?? ms),
              BENCH_NODE: process.execPath,
              BENCH_URL: server?.url,
            }),
          );
        } catch (error) {
          failures[side] = error.message;
        } finally {
          played(side);
        }
      }
    }
  } finally {
    server?.stop();
  }
  for (const side of Object.keys(failures)) delete samples[side];
  return { rows: toRows(one.name, samples), failures };
}

/** As many digits as could mean something. */
const rounded = (figure) => Number(figure.toPrecision(4));

function toRows(name, samples) {
  const rows = Object.entries(measures).map(([key, { measure, unit }]) => {
    const measuring = Object.entries(samples).filter(([, results]) => key in results[0]);
    const figures = Object.fromEntries(
      measuring.map(([side, results]) => [side, rounded(median(results.map((result) => result[key])))]),
    );
    return { name, measure, unit, figures };
  });
  return rows.filter(({ figures }) => Object.keys(figures).length > 0);
}
