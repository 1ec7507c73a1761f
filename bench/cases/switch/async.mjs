/** The nearest thing without stacks: two async functions that take turns, an `await` a turn. */
import { measureAsync } from '../../measure/measure.mjs';

const ROUND_TRIPS = 10_000;

async function takeTurns() {
  for (let i = 0; i < ROUND_TRIPS; i++) await undefined;
}

await measureAsync(2 * ROUND_TRIPS, () => Promise.all([takeTurns(), takeTurns()]));
