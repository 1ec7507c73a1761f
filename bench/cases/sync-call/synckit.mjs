/** synckit: the function runs in a worker thread, and this thread stands still meanwhile. */
import { createSyncFn } from 'synckit';
import { measure } from '../../measure/measure.mjs';

const CALLS = 100;

const answer = createSyncFn(new URL('../../rivals/synckit-worker.mjs', import.meta.url));

measure(CALLS, () => {
  for (let i = 0; i < CALLS; i++) answer(i, 0);
});
process.exit();
