/** One operation: spawn a greenlet and wait for its value. */
import { run, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const SPAWNS = 2_000;

function work(x) {
  return x + 1;
}

await run(() => {
  measure(SPAWNS, () => {
    for (let i = 0; i < SPAWNS; i++) spawn(work, i).get();
  });
});
