/** One operation: one of 20 calls of an asynchronous function that takes 10 ms, made synchronous. */
import { joinAll, run, spawn, toSync } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const CALLS = 20;
const DURATION = 10;

const answer = toSync((value) => new Promise((resolve) => setTimeout(resolve, DURATION, value)));

await run(() => {
  measure(CALLS, () => {
    joinAll(Array.from({ length: CALLS }, (_, i) => spawn(answer, i)));
  });
});
