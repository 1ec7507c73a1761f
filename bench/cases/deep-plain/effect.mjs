import { Effect } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;
const leaf = { mustWait: false };

const descend = Effect.fnUntraced(function* (depth) {
  if (depth === 0) {
    if (leaf.mustWait) yield* Effect.yieldNow;
    return 0;
  }
  return (yield* descend(depth - 1)) + 1;
});

const program = Effect.gen(function* () {
  for (let i = 0; i < CALLS; i++) yield* descend(DEPTH);
});

await measureAsync(CALLS, () => Effect.runPromise(program));
