import { Effect, Fiber } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const FIBERS = 10_000;
const SLEEPS = 2;

const sleeper = Effect.gen(function* () {
  for (let i = 0; i < SLEEPS; i++) yield* Effect.sleep(1);
});

const program = Effect.gen(function* () {
  const fibers = [];
  for (let i = 0; i < FIBERS; i++) fibers.push(yield* Effect.forkChild(sleeper));
  yield* Fiber.joinAll(fibers);
});

await measureAsync(FIBERS * SLEEPS, () => Effect.runPromise(program));
