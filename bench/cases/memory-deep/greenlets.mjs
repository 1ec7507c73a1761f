/** One operation: a greenlet, of 2,000, that once recursed to the end of its stack, 320 KB deep, and has slept for five seconds since. */
import { run, sleep, spawn } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const GREENLETS = 2_000;

function recurse() {
  try {
    return recurse() + 1;
  } catch {
    return 0;
  }
}

function sleeper() {
  recurse();
  sleep(60_000);
}

await run(() => {
  const before = occupied();
  for (let i = 0; i < GREENLETS; i++) spawn(sleeper);
  sleep(0);
  sleep(5_000);
  print({ bytes_per_op: (occupied() - before) / GREENLETS });
});

// Ending 2,000 greenlets is not part of the work.
process.exit();
