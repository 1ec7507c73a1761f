/** One operation: `wait` of a promise that is fulfilled already. */
import { run, wait } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const WAITS = 5_000;
const settled = Promise.resolve(1);

await run(() => {
  measure(WAITS, () => {
    for (let i = 0; i < WAITS; i++) wait(settled);
  });
});
