/** What synckit runs in its worker: answers after a while, or in the next turn of the event loop. */
import { runAsWorker } from 'synckit';

runAsWorker(
  (value, duration) =>
    new Promise((resolve) => {
      if (duration === 0) setImmediate(resolve, value);
      else setTimeout(resolve, duration, value);
    }),
);
