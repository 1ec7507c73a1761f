/** One operation: a call 50 frames deep whose leaf blocks and hands over to another greenlet that does the same. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;

function descend(depth) {
  if (depth === 0) {
    sleep(0);
    return 0;
  }
  return descend(depth - 1) + 1;
}

function caller() {
  for (let i = 0; i < CALLS; i++) descend(DEPTH);
}

await run(() => {
  measure(2 * CALLS, () => {
    joinAll([spawn(caller), spawn(caller)]);
  });
});
