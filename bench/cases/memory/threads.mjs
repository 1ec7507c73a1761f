/** A worker thread that waits, of twenty: ten thousand are out of reach. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const THREADS = 20;

if (isMainThread) {
  const before = occupied();
  for (let i = 0; i < THREADS; i++) new Worker(new URL(import.meta.url));
  await sleep(1_000);
  print({ bytes_per_op: (occupied() - before) / THREADS });
  process.exit();
}
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
