import { all, run, sleep } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const TASKS = 1_000;
const SLEEPS = 2;

function* sleeper() {
  for (let i = 0; i < SLEEPS; i++) yield* sleep(1);
}

await measureAsync(TASKS * SLEEPS, () => run(() => all(Array.from({ length: TASKS }, sleeper))));
