/** One operation: a `sleep(0)` of one of so many greenlets that all do the same. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure, size } from '../../measure/measure.mjs';

const GREENLETS = size();
const SLEEPS = Math.max(10, 50_000 / GREENLETS);

function sleeper() {
  for (let i = 0; i < SLEEPS; i++) sleep(0);
}

await run(() => {
  measure(GREENLETS * SLEEPS, () => {
    joinAll(Array.from({ length: GREENLETS }, () => spawn(sleeper)));
  });
});
