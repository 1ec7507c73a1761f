import { run, spawn } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const SPAWNS = 10_000;

await measureAsync(SPAWNS, () =>
  run(function* () {
    const tasks = [];
    for (let i = 0; i < SPAWNS; i++) {
      tasks.push(
        yield* spawn(function* () {
          return i + 1;
        }),
      );
    }
    for (const task of tasks) yield* task;
  }),
);
