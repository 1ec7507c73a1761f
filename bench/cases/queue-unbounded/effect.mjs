import { Effect, Queue } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const ITEMS = 10_000;

const program = Effect.gen(function* () {
  const queue = yield* Queue.unbounded();
  for (let i = 0; i < ITEMS; i++) yield* Queue.offer(queue, i);
  for (let i = 0; i < ITEMS; i++) yield* Queue.take(queue);
});

await measureAsync(ITEMS, () => Effect.runPromise(program));
