/** One operation: a `sleep(0)` of one greenlet among 100 that all do the same. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const GREENLETS = 100;
const SLEEPS = 500;

function sleeper() {
  for (let i = 0; i < SLEEPS; i++) sleep(0);
}

await run(() => {
  measure(GREENLETS * SLEEPS, () => {
    joinAll(Array.from({ length: GREENLETS }, () => spawn(sleeper)));
  });
});
