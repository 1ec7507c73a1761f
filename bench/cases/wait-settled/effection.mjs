import { run, until } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const WAITS = 5_000;
const settled = Promise.resolve(1);

await measureAsync(WAITS, () =>
  run(function* () {
    for (let i = 0; i < WAITS; i++) yield* until(settled);
  }),
);
