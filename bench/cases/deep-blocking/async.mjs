/** Every frame above one that may wait has to be async itself. */
import { measureAsync } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;

async function descend(depth) {
  if (depth === 0) {
    await undefined;
    return 0;
  }
  return (await descend(depth - 1)) + 1;
}

async function caller() {
  for (let i = 0; i < CALLS; i++) await descend(DEPTH);
}

await measureAsync(2 * CALLS, () => Promise.all([caller(), caller()]));
