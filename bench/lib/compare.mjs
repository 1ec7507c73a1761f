/** Plays one case: all sides in turn, several rounds, so that a busy minute of the machine hits every side alike. */
import { runChild } from './child.mjs';
import { median } from './median.mjs';
import { command } from './sides.mjs';

/**
 * @returns `{name, unit, figures: {side: number}, failures: {side: message}}`: the median of all rounds a side.
 * A side that fails once is out; the others go on.
 */
export function compare(name, sides, { rounds, ms, ...tools }) {
  const samples = Object.fromEntries(sides.map((side) => [side, []]));
  const failures = {};
  let unit = 'ns';
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      if (side in failures) continue;
      try {
        const result = runChild(command(name, side, tools), { BENCH_MS: String(ms) });
        if ('bytes_per_op' in result) unit = 'bytes';
        samples[side].push(result.ns_per_op ?? result.bytes_per_op);
      } catch (error) {
        failures[side] = error.message;
      }
    }
  }
  const figures = {};
  for (const side of sides) if (!(side in failures)) figures[side] = median(samples[side]);
  return { name, unit, figures, failures };
}
