/** A worker thread for each job. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 2;

async function spawnAndGet(x) {
  const [value] = await once(new Worker(new URL(import.meta.url), { workerData: x }), 'message');
  return value;
}

if (isMainThread) {
  await measureAsync(SPAWNS, async () => {
    for (let i = 0; i < SPAWNS; i++) await spawnAndGet(i);
  });
} else {
  parentPort.postMessage(workerData + 1);
}
