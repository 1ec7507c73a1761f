import { run, until } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const WAITS = 5_000;
const soon = () => new Promise((resolve) => process.nextTick(resolve, 1));

await measureAsync(WAITS, () =>
  run(function* () {
    for (let i = 0; i < WAITS; i++) yield* until(soon());
  }),
);
