/** One operation: an item through a rendezvous: put returns when get has taken the item. */
import { joinAll, run, spawn } from '../../../dist/index.js';
import { Channel } from '../../../dist/queue.js';
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
    const queue = new Channel();
    joinAll([spawn(produce, queue), spawn(consume, queue)]);
  });
});
