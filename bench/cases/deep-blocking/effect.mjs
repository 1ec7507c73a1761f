import { Effect, Fiber } from 'effect';
import { chain } from '../../measure/chain.mjs';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 1_000;

const last = Effect.fnUntraced(function* () {
  yield* Effect.yieldNow;
  return 0;
});
const call = chain('generator', last, Effect.fnUntraced);

const caller = Effect.gen(function* () {
  for (let i = 0; i < CALLS; i++) yield* call();
});

const program = Effect.gen(function* () {
  yield* Fiber.joinAll([yield* Effect.forkChild(caller), yield* Effect.forkChild(caller)]);
});

await measureAsync(2 * CALLS, () => Effect.runPromise(program));
