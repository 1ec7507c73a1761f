/** Since the leaf may wait, every frame is async and pays for it, whether it waits or not. */
import { chain } from '../../measure/chain.mjs';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 1_000;
const leaf = { mustWait: false };

const call = chain('async', async () => {
  if (leaf.mustWait) await undefined;
  return 0;
});

await measureAsync(CALLS, async () => {
  for (let i = 0; i < CALLS; i++) await call();
});
