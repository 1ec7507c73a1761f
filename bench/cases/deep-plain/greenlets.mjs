/** One operation: a call 50 frames deep whose leaf may block and, as most calls, need not. */
import { run, sleep } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 10_000;
const leaf = { mustWait: false };

function descend(depth) {
  if (depth === 0) {
    if (leaf.mustWait) sleep(0);
    return 0;
  }
  return descend(depth - 1) + 1;
}

await run(() => {
  measure(CALLS, () => {
    for (let i = 0; i < CALLS; i++) descend(DEPTH);
  });
});
