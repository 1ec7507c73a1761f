import { Effect } from 'effect';
import { measureAsync } from '../../measure/measure.mjs';

const WAITS = 5_000;
const wait = Effect.promise(() => new Promise((resolve) => process.nextTick(resolve, 1)));

const program = Effect.gen(function* () {
  for (let i = 0; i < WAITS; i++) yield* wait;
});

await measureAsync(WAITS, () => Effect.runPromise(program));
