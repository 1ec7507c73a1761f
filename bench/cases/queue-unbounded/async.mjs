import { measureAsync } from '../../measure/measure.mjs';
import { AsyncQueue } from '../../rivals/async-queue.mjs';

const ITEMS = 10_000;

await measureAsync(ITEMS, async () => {
  const queue = new AsyncQueue(Number.POSITIVE_INFINITY);
  for (let i = 0; i < ITEMS; i++) await queue.put(i);
  for (let i = 0; i < ITEMS; i++) await queue.get();
});
