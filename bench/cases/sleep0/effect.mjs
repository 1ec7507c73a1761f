import { Effect, Fiber } from 'effect';
import { measureAsync, size } from '../../measure/measure.mjs';

const FIBERS = size();
const SLEEPS = Math.max(10, 50_000 / FIBERS);

const sleeper = Effect.gen(function* () {
  for (let i = 0; i < SLEEPS; i++) yield* Effect.yieldNow;
});

const program = Effect.gen(function* () {
  const fibers = [];
  for (let i = 0; i < FIBERS; i++) fibers.push(yield* Effect.forkChild(sleeper));
  yield* Fiber.joinAll(fibers);
});

await measureAsync(FIBERS * SLEEPS, () => Effect.runPromise(program));
