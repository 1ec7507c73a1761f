/** One operation: a greenlet that is suspended four frames deep, of 10,000: resident memory and page tables. */

import { Event } from '../../../dist/event.js';
import { run, sleep, spawn } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const GREENLETS = 10_000;
const DEPTH = 4;

function suspend(event, depth) {
  if (depth === 1) return event.wait();
  return suspend(event, depth - 1) && true;
}

await run(() => {
  // One goes first, so that what is loaded and built once is not counted.
  const first = new Event();
  spawn(suspend, first, DEPTH);
  sleep(0);
  first.set();
  sleep(0);

  const event = new Event();
  const before = occupied();
  const suspended = Array.from({ length: GREENLETS }, () => spawn(suspend, event, DEPTH));
  sleep(50);
  print({ bytes_per_op: (occupied() - before) / suspended.length });
});

// Ending 10,000 greenlets is not part of the work.
process.exit();
