/** Ten async functions draw from one list of items, as the usual `p-map` does. */
import { measureAsync } from '../../measure/measure.mjs';

const ITEMS = 1_000;
const LIMIT = 10;
const items = Array.from({ length: ITEMS }, (_, i) => i);

async function map(fn) {
  const results = new Array(ITEMS);
  let next = 0;
  const draw = async () => {
    while (next < ITEMS) {
      const index = next++;
      results[index] = await fn(items[index]);
    }
  };
  await Promise.all(Array.from({ length: LIMIT }, draw));
  return results;
}

await measureAsync(ITEMS, () => map(async (x) => x + 1));
