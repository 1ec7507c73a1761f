import { Deferred, Effect } from 'effect';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const FIBERS = 10_000;
const DEPTH = 4;

const suspend = Effect.fnUntraced(function* (event, depth) {
  if (depth === 1) return yield* Deferred.await(event);
  return (yield* suspend(event, depth - 1)) && true;
});

const program = Effect.gen(function* () {
  const event = yield* Deferred.make();
  const fibers = [yield* Effect.forkChild(suspend(event, DEPTH))];
  yield* Effect.sleep(50);
  const before = occupied();
  for (let i = 0; i < FIBERS; i++) fibers.push(yield* Effect.forkChild(suspend(event, DEPTH)));
  yield* Effect.sleep(50);
  print({ bytes_per_op: (occupied() - before) / FIBERS });
});

await Effect.runPromise(program);
