import { Effect, Fiber } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 2_000;

const work = (x) => Effect.sync(() => x + 1);

const program = Effect.gen(function* () {
  for (let i = 0; i < SPAWNS; i++) yield* Fiber.join(yield* Effect.forkChild(work(i)));
});

await measureAsync(SPAWNS, () => Effect.runPromise(program));
