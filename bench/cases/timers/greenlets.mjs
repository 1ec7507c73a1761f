/** One operation: a `sleep(1)` of one greenlet among 10,000 that all do the same. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const GREENLETS = 10_000;
const SLEEPS = 2;

function sleeper() {
  for (let i = 0; i < SLEEPS; i++) sleep(1);
}

await run(() => {
  measure(GREENLETS * SLEEPS, () => {
    joinAll(Array.from({ length: GREENLETS }, () => spawn(sleeper)));
  });
});
