/** One operation: a switch of two raw greenlets, each calling the other; the hub takes no part. */
import { run } from '../../../dist/index.js';
import { getCurrent, RawGreenlet } from '../../../dist/raw.js';
import { measure } from '../../measure/measure.mjs';

const ROUND_TRIPS = 10_000;

await run(() => {
  const home = getCurrent();
  const other = new RawGreenlet(() => {
    for (;;) home.switch();
  });
  measure(2 * ROUND_TRIPS, () => {
    for (let i = 0; i < ROUND_TRIPS; i++) other.switch();
  });
});

// `other` is suspended for ever; the program has nothing left to do and ends.
process.exit();
