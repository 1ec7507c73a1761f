import { Effect, Fiber } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 10_000;

const work = (x) => Effect.sync(() => x + 1);

const program = Effect.gen(function* () {
  const fibers = [];
  for (let i = 0; i < SPAWNS; i++) fibers.push(yield* Effect.forkChild(work(i)));
  yield* Fiber.joinAll(fibers);
});

await measureAsync(SPAWNS, () => Effect.runPromise(program));
