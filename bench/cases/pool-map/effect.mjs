import { Effect } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const ITEMS = 1_000;
const items = Array.from({ length: ITEMS }, (_, i) => i);

const program = Effect.forEach(items, (x) => Effect.sync(() => x + 1), { concurrency: 10 });

await measureAsync(ITEMS, () => Effect.runPromise(program));
