/** One operation: a call of an asynchronous function that answers in the next turn of the event loop, made synchronous. */
import { run, toSync } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const CALLS = 100;

const answer = toSync((value) => new Promise((resolve) => setImmediate(resolve, value)));

await run(() => {
  measure(CALLS, () => {
    for (let i = 0; i < CALLS; i++) answer(i);
  });
});
