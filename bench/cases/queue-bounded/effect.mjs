import { Effect, Fiber, Queue } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const ITEMS = 5_000;

const produce = Effect.fnUntraced(function* (queue) {
  for (let i = 0; i < ITEMS; i++) yield* Queue.offer(queue, i);
});

const consume = Effect.fnUntraced(function* (queue) {
  for (let i = 0; i < ITEMS; i++) yield* Queue.take(queue);
});

const program = Effect.gen(function* () {
  const queue = yield* Queue.bounded(1);
  yield* Fiber.joinAll([yield* Effect.forkChild(produce(queue)), yield* Effect.forkChild(consume(queue))]);
});

await measureAsync(ITEMS, () => Effect.runPromise(program));
