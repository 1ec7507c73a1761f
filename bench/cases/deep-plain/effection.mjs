import { run, sleep } from 'effection';
import { measureAsync } from '../../measure/measure.mjs';

const DEPTH = 50;
const CALLS = 1_000;
const leaf = { mustWait: false };

function* descend(depth) {
  if (depth === 0) {
    if (leaf.mustWait) yield* sleep(0);
    return 0;
  }
  return (yield* descend(depth - 1)) + 1;
}

await measureAsync(CALLS, () =>
  run(function* () {
    for (let i = 0; i < CALLS; i++) yield* descend(DEPTH);
  }),
);
