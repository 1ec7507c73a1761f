import { Effect } from 'effect';
import { chain } from '../../measure/chain.mjs';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 1_000;
const leaf = { mustWait: false };

const last = Effect.fnUntraced(function* () {
  if (leaf.mustWait) yield* Effect.yieldNow;
  return 0;
});
const call = chain('generator', last, Effect.fnUntraced);

const program = Effect.gen(function* () {
  for (let i = 0; i < CALLS; i++) yield* call();
});

await measureAsync(CALLS, () => Effect.runPromise(program));
