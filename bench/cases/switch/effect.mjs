import { Effect, Fiber } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const ROUND_TRIPS = 10_000;

const takeTurns = Effect.gen(function* () {
  for (let i = 0; i < ROUND_TRIPS; i++) yield* Effect.yieldNow;
});

const program = Effect.gen(function* () {
  yield* Fiber.joinAll([yield* Effect.forkChild(takeTurns), yield* Effect.forkChild(takeTurns)]);
});

await measureAsync(2 * ROUND_TRIPS, () => Effect.runPromise(program));
