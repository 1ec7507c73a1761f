/** One operation: a call 50 frames deep whose leaf may block and, as most calls, need not. */
import { run, sleep } from '../../../dist/index.js';
import { chain } from '../../measure/chain.mjs';
import { measure } from '../../measure/measure.mjs';

const CALLS = 10_000;
const leaf = { mustWait: false };

const call = chain('plain', () => {
  if (leaf.mustWait) sleep(0);
  return 0;
});

await run(() => {
  measure(CALLS, () => {
    for (let i = 0; i < CALLS; i++) call();
  });
});
