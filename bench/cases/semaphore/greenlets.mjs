/** One operation: acquire a semaphore that nine others want, let them run while holding it, release it. */
import { joinAll, run, sleep, spawn } from '../../../dist/index.js';
import { Semaphore } from '../../../dist/lock.js';
import { measure } from '../../measure/measure.mjs';

const GREENLETS = 10;
const TURNS = 500;

function worker(semaphore) {
  for (let i = 0; i < TURNS; i++) {
    semaphore.acquire();
    sleep(0);
    semaphore.release();
  }
}

await run(() => {
  measure(GREENLETS * TURNS, () => {
    const semaphore = new Semaphore(1);
    joinAll(Array.from({ length: GREENLETS }, () => spawn(worker, semaphore)));
  });
});
