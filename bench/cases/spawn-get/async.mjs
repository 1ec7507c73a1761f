/** A job that starts at the next turn, as a spawned greenlet does, and whose value is awaited. */
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 2_000;

async function work(x) {
  await undefined;
  return x + 1;
}

await measureAsync(SPAWNS, async () => {
  for (let i = 0; i < SPAWNS; i++) await work(i);
});
