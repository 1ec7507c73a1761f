/** Since the leaf may wait, every frame is async and pays for it, whether it waits or not. */
import { measureAsync } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;
const leaf = { mustWait: false };

async function descend(depth) {
  if (depth === 0) {
    if (leaf.mustWait) await undefined;
    return 0;
  }
  return (await descend(depth - 1)) + 1;
}

await measureAsync(CALLS, async () => {
  for (let i = 0; i < CALLS; i++) await descend(DEPTH);
});
