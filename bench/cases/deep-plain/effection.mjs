import { run, sleep } from 'effection';
import { chain } from '../../measure/chain.mjs';
import { measureAsync } from '../../measure/measure.mjs';

const CALLS = 1_000;
const leaf = { mustWait: false };

const call = chain('generator', function* () {
  if (leaf.mustWait) yield* sleep(0);
  return 0;
});

await measureAsync(CALLS, () =>
  run(function* () {
    for (let i = 0; i < CALLS; i++) yield* call();
  }),
);
