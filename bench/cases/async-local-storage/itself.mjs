import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const GREENLETS = 100;
const SLEEPS = 500;

function sleeper(i) {
  let sum = 0;
  for (let j = 0; j < SLEEPS; j++) {
    sleep(0);
    sum += i;
  }
  return sum;
}

await run(() => {
  measure(GREENLETS * SLEEPS, () => {
    joinAll(Array.from({ length: GREENLETS }, (_, i) => spawn(sleeper, i)));
  });
});
