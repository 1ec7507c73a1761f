/** Two threads that take turns: each wakes the other and waits. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { measure } from '../../measure/measure.mjs';

const ROUND_TRIPS = 1_000;
const turn = isMainThread ? new Int32Array(new SharedArrayBuffer(4)) : workerData;

function handOverTo(to) {
  Atomics.store(turn, 0, to);
  Atomics.notify(turn, 0);
  Atomics.wait(turn, 0, to);
}

if (isMainThread) {
  new Worker(new URL(import.meta.url), { workerData: turn });
  measure(2 * ROUND_TRIPS, () => {
    for (let i = 0; i < ROUND_TRIPS; i++) handOverTo(1);
  });
  process.exit();
}
Atomics.wait(turn, 0, 0);
for (;;) handOverTo(0);
