/** One operation: a greenlet, of 2,000, that once recursed to 300 KB of stack and has slept for five seconds since. */
import { run, sleep, spawn } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const GREENLETS = 2_000;
/** What JavaScript has of the usual stack, and what of it is to be used, in KB. */
const STACK = 320;
const USED = 300;

function descend(depth) {
  return depth === 0 ? 0 : descend(depth - 1) + 1;
}

function deepest(depth = 1) {
  try {
    return deepest(depth + 1);
  } catch {
    return depth;
  }
}

function sleeper(depth) {
  descend(depth);
  sleep(60_000);
}

await run(() => {
  const depth = Math.floor((spawn(deepest).get() * USED) / STACK);
  const before = occupied();
  for (let i = 0; i < GREENLETS; i++) spawn(sleeper, depth);
  sleep(5_000);
  print({ bytes_per_op: (occupied() - before) / GREENLETS });
});

// Ending 2,000 greenlets is not part of the work.
process.exit();
