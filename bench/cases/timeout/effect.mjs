import { Effect } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 5_000;

const call = Effect.timeout(Effect.yieldNow, 1_000);

const program = Effect.gen(function* () {
  for (let i = 0; i < CALLS; i++) yield* call;
});

await measureAsync(CALLS, () => Effect.runPromise(program));
