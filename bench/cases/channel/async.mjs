import { measureAsync } from '../../measure/measure.mjs';
import { AsyncQueue } from '../../rivals/async-queue.mjs';

const ITEMS = 5_000;

async function produce(queue) {
  for (let i = 0; i < ITEMS; i++) await queue.put(i);
}

async function consume(queue) {
  for (let i = 0; i < ITEMS; i++) await queue.get();
}

await measureAsync(ITEMS, () => {
  const queue = new AsyncQueue(0);
  return Promise.all([produce(queue), consume(queue)]);
});
