import { setTimeout as sleep } from 'node:timers/promises';
import { measureAsync } from '../../measure/measure.mjs';

const FUNCTIONS = 10_000;
const SLEEPS = 2;

async function sleeper() {
  for (let i = 0; i < SLEEPS; i++) await sleep(1);
}

await measureAsync(FUNCTIONS * SLEEPS, () => Promise.all(Array.from({ length: FUNCTIONS }, sleeper)));
