/** One operation: an item through a queue that holds one: producer and consumer wait for each other at every item. */
import { joinAll, run, spawn } from '../../../dist/index.js';
import { Queue } from '../../../dist/queue.js';
import { measure } from '../../measure/measure.mjs';

const ITEMS = 5_000;

function produce(queue) {
  for (let i = 0; i < ITEMS; i++) queue.put(i);
}

function consume(queue) {
  for (let i = 0; i < ITEMS; i++) queue.get();
}

await run(() => {
  measure(ITEMS, () => {
    const queue = new Queue(1);
    joinAll([spawn(produce, queue), spawn(consume, queue)]);
  });
});
