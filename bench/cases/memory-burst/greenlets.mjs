/** One operation: what is left of a greenlet, of 100,000 that were suspended at once, a second after they have ended. */
import { joinAll, run, sleep } from '../../../dist/index.js';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';
import { suspendMany } from '../../measure/suspended.mjs';

const GREENLETS = 100_000;

function burst(count) {
  const { event, greenlets } = suspendMany(count);
  event.set();
  joinAll(greenlets);
}

await run(() => {
  burst(1_000);
  const before = occupied();
  burst(GREENLETS);
  sleep(1_000);
  print({ bytes_per_op: (occupied() - before) / GREENLETS });
});
