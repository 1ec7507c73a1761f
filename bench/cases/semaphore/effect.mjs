import { Effect, Fiber, Semaphore } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const FIBERS = 10;
const TURNS = 500;

const worker = Effect.fnUntraced(function* (semaphore) {
  for (let i = 0; i < TURNS; i++) yield* Semaphore.withPermit(semaphore, Effect.yieldNow);
});

const program = Effect.gen(function* () {
  const semaphore = yield* Semaphore.make(1);
  const fibers = [];
  for (let i = 0; i < FIBERS; i++) fibers.push(yield* Effect.forkChild(worker(semaphore)));
  yield* Fiber.joinAll(fibers);
});

await measureAsync(FIBERS * TURNS, () => Effect.runPromise(program));
