/** One operation: one of 10,000 greenlets spawned at once and joined together. */
import { joinAll, run, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const SPAWNS = 10_000;

function work(x) {
  return x + 1;
}

await run(() => {
  measure(SPAWNS, () => {
    joinAll(Array.from({ length: SPAWNS }, (_, i) => spawn(work, i)));
  });
});
