/** One operation: a `sleep(0)` of one greenlet among 100, each with an `AsyncLocalStorage` store of its own, which it reads. `itself`: no store anywhere. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const GREENLETS = 100;
const SLEEPS = 500;
const storage = new AsyncLocalStorage();

function sleeper() {
  let sum = 0;
  for (let i = 0; i < SLEEPS; i++) {
    sleep(0);
    sum += storage.getStore();
  }
  return sum;
}

await run(() => {
  measure(GREENLETS * SLEEPS, () => {
    joinAll(Array.from({ length: GREENLETS }, (_, i) => storage.run(i, () => spawn(sleeper))));
  });
});
