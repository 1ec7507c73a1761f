/** One operation: a call under a time limit that it keeps, as most calls do: the limit is set, the call yields once, the limit is taken back. */
import { run, sleep, withTimeout } from '../../../dist/index.js';
import { measure } from '../../measure/measure.mjs';

const CALLS = 5_000;

function call() {
  sleep(0);
}

await run(() => {
  measure(CALLS, () => {
    for (let i = 0; i < CALLS; i++) withTimeout(1_000, call);
  });
});
