/** One operation: one item of a `map` over a pool of ten greenlets. */
import { run } from '../../../dist/index.js';
import { Pool } from '../../../dist/pool.js';
import { measure } from '../../measure/measure.mjs';

const ITEMS = 1_000;
const items = Array.from({ length: ITEMS }, (_, i) => i);

await run(() => {
  const pool = new Pool(10);
  measure(ITEMS, () => {
    pool.map((x) => x + 1, items);
  });
});
