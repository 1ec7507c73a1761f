/** One operation: a call 50 frames deep whose leaf blocks and hands over to another greenlet that does the same. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { chain } from '../../measure/chain.mjs';
import { measure } from '../../measure/measure.mjs';

const CALLS = 1_000;

const call = chain('plain', () => {
  sleep(0);
  return 0;
});

function caller() {
  for (let i = 0; i < CALLS; i++) call();
}

await run(() => {
  measure(2 * CALLS, () => {
    joinAll([spawn(caller), spawn(caller)]);
  });
});
