import { measureAsync } from '../../measure/measure.mjs';
import { AsyncSemaphore } from '../../rivals/async-semaphore.mjs';

const FUNCTIONS = 10;
const TURNS = 500;

async function worker(semaphore) {
  for (let i = 0; i < TURNS; i++) {
    await semaphore.acquire();
    await undefined;
    semaphore.release();
  }
}

await measureAsync(FUNCTIONS * TURNS, () => {
  const semaphore = new AsyncSemaphore(1);
  return Promise.all(Array.from({ length: FUNCTIONS }, () => worker(semaphore)));
});
