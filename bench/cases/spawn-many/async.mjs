import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 10_000;

/** Starts at the next turn, as a spawned greenlet does. */
async function work(x) {
  await undefined;
  return x + 1;
}

await measureAsync(SPAWNS, () => Promise.all(Array.from({ length: SPAWNS }, (_, i) => work(i))));
