import { all, run, sleep } from 'effection';
import { measureAsync, size } from '../../measure/measure.mjs';

const TASKS = size();
const SLEEPS = Math.min(100, Math.max(1, 1_000 / TASKS));

/** Its `sleep(0)` is a timer of Node: fewer sleeps, for the run to end in time. */
function* sleeper() {
  for (let i = 0; i < SLEEPS; i++) yield* sleep(0);
}

await measureAsync(TASKS * SLEEPS, () => run(() => all(Array.from({ length: TASKS }, sleeper))));
