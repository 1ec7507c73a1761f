/** One operation: a greenlet that is suspended four frames deep, of 10,000: resident memory and page tables. */
import { joinAll, run, sleep } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';
import { suspendMany } from '../../measure/suspended.mjs';

const GREENLETS = 10_000;

await run(() => {
  // One goes first, so that what is loaded and built once is not counted.
  const first = suspendMany(1);
  first.event.set();
  joinAll(first.greenlets);

  const before = occupied();
  suspendMany(GREENLETS);
  sleep(50);
  print({ bytes_per_op: (occupied() - before) / GREENLETS });
});

// Ending 10,000 greenlets is not part of the work.
process.exit();
