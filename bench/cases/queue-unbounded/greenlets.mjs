/** One operation: an item put into an unbounded queue and got from it again; nobody has to wait. */
import { run } from '../../../dist/index.js';
import { Queue } from '../../../dist/queue.js';
import { measure } from '../../measure/measure.mjs';

const ITEMS = 10_000;

await run(() => {
  measure(ITEMS, () => {
    const queue = new Queue();
    for (let i = 0; i < ITEMS; i++) queue.put(i);
    for (let i = 0; i < ITEMS; i++) queue.get();
  });
});
