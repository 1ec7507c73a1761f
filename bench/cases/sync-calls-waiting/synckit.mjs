/** synckit: the thread stands still during a call, so that there is no second one. */
import { createSyncFn } from 'synckit';
import { measure } from '../../measure/measure.mjs';

const CALLS = 20;
const DURATION = 10;

const answer = createSyncFn(new URL('../../rivals/synckit-worker.mjs', import.meta.url));

measure(CALLS, () => {
  for (let i = 0; i < CALLS; i++) answer(i, DURATION);
});
process.exit();
