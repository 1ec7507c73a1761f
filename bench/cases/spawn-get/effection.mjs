import { run, spawn } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 2_000;

await measureAsync(SPAWNS, () =>
  run(function* () {
    for (let i = 0; i < SPAWNS; i++) {
      const task = yield* spawn(function* () {
        return i + 1;
      });
      yield* task;
    }
  }),
);
