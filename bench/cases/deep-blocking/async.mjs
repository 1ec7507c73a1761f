/** Every frame above one that may wait has to be async itself. */
import { chain } from '../../measure/chain.mjs';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 1_000;

const call = chain('async', async () => {
  await undefined;
  return 0;
});

async function caller() {
  for (let i = 0; i < CALLS; i++) await call();
}

await measureAsync(2 * CALLS, () => Promise.all([caller(), caller()]));
