/** One operation: one of a million greenlets, spawned and ended 10,000 at a time: by how much the process has grown since two million before. */
import { joinAll, run, spawn } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const AT_ONCE = 10_000;
const MILLION = 1_000_000;

function work(x) {
  return x + 1;
}

function spawnAndEnd(count) {
  for (let i = 0; i < count / AT_ONCE; i++) joinAll(Array.from({ length: AT_ONCE }, (_, j) => spawn(work, j)));
}

await run(() => {
  spawnAndEnd(2 * MILLION); // the young generation has its full size after that
  const before = occupied();
  spawnAndEnd(MILLION);
  print({ bytes_per_op: (occupied() - before) / MILLION });
});
