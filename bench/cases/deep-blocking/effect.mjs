import { Effect, Fiber } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;

const descend = Effect.fnUntraced(function* (depth) {
  if (depth === 0) {
    yield* Effect.yieldNow;
    return 0;
  }
  return (yield* descend(depth - 1)) + 1;
});

const caller = Effect.gen(function* () {
  for (let i = 0; i < CALLS; i++) yield* descend(DEPTH);
});

const program = Effect.gen(function* () {
  yield* Fiber.joinAll([yield* Effect.forkChild(caller), yield* Effect.forkChild(caller)]);
});

await measureAsync(2 * CALLS, () => Effect.runPromise(program));
