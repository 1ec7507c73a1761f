import { AsyncLocalStorage } from 'node:async_hooks';
import { measureAsync } from '../../measure/measure.mjs';

const FUNCTIONS = 100;
const SLEEPS = 500;
const storage = new AsyncLocalStorage();

async function sleeper() {
  let sum = 0;
  for (let i = 0; i < SLEEPS; i++) {
    await undefined;
    sum += storage.getStore();
  }
  return sum;
}

await measureAsync(FUNCTIONS * SLEEPS, () =>
  Promise.all(Array.from({ length: FUNCTIONS }, (_, i) => storage.run(i, sleeper))),
);
