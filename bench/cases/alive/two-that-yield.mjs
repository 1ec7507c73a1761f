import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';
import { suspendMany } from '../../measure/suspended.mjs';

const SLEEPS = 5_000;

function sleeper() {
  for (let i = 0; i < SLEEPS; i++) sleep(0);
}

/** Measures a switch between two greenlets while `count` others are suspended. */
export async function measureBeside(count) {
  await run(() => {
    suspendMany(count);
    measure(2 * SLEEPS, () => {
      joinAll([spawn(sleeper), spawn(sleeper)]);
    });
  });
  // Ending the others is not part of the work.
  process.exit();
}
