import { run } from '../../../dist/index.js';
import { LONG_WARM_UP, measure } from '../../measure/measure.mjs';
import { suspendMany } from '../../measure/suspended.mjs';

/** So many allocate 200 MB: every sample has its share of collections, whose cost this is about. */
const STEPS = 1_000;
const RECORDS = 1_000;
/** Computing that goes with the records, so that the program allocates about 200 MB a second. */
const COMPUTING = 1_000_000;

/** Makes records of about 200 bytes, of which few outlive the next step, and computes on. */
function step(recent) {
  for (let i = 0; i < RECORDS; i++) recent[i] = { id: i, name: `record ${i}`, tags: [i, i + 1, i + 2], next: null };
  let hash = 0x811c9dc5;
  for (let i = 0; i < COMPUTING; i++) hash = Math.imul(hash ^ i, 16777619);
  return hash;
}

/** Measures an allocating program while `count` greenlets are suspended. */
export async function measureBeside(count) {
  await run(() => {
    suspendMany(count);
    const recent = new Array(RECORDS);
    const work = () => {
      for (let i = 0; i < STEPS; i++) step(recent);
    };
    measure(STEPS, work, LONG_WARM_UP);
  });
  // Ending the others is not part of the work.
  process.exit();
}
