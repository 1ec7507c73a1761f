/** `await undefined` is the cheapest way to let the others run. It starves timers and I/O, which `sleep(0)` does not: the rival gets the advantage. */
import { measureAsync } from '../../measure/measure.mjs';

const FUNCTIONS = 100;
const SLEEPS = 500;

async function sleeper() {
  for (let i = 0; i < SLEEPS; i++) await undefined;
}

await measureAsync(FUNCTIONS * SLEEPS, () => Promise.all(Array.from({ length: FUNCTIONS }, sleeper)));
