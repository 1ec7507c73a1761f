/** `await undefined` is the cheapest way to let the others run. It starves timers and I/O, which `sleep(0)` does not: the rival gets the advantage. */
import { measureAsync, size } from '../../measure/measure.mjs';

const FUNCTIONS = size();
const SLEEPS = Math.max(10, 50_000 / FUNCTIONS);

async function sleeper() {
  for (let i = 0; i < SLEEPS; i++) await undefined;
}

await measureAsync(FUNCTIONS * SLEEPS, () => Promise.all(Array.from({ length: FUNCTIONS }, sleeper)));
