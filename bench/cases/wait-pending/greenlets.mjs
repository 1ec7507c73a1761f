/** One operation: `wait` of a promise that is fulfilled while it waits. */
import { run, wait } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const WAITS = 5_000;
const soon = () => new Promise((resolve) => process.nextTick(resolve, 1));

await run(() => {
  measure(WAITS, () => {
    for (let i = 0; i < WAITS; i++) wait(soon());
  });
});
