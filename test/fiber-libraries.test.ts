// Libraries of the time of fibers, unchanged from the registry, whose `fibers` is packages/greenlets-fibers.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { testOnMain as test } from './support/leaks.ts';
import { runNode } from './support/program.ts';

const EXPECTED = {
  fibrous: ['ENOENT', 'true true', 'undefined done'],
  synchronize: ['synchronized', "[ 'a', 'b' ]", 'failed', 'null done'],
  asyncblock: ['1 2', 'sync', 'failed', 'null done'],
  sync: ['sync future', 'failed', 'undefined done'],
  asyncawait: ['[ 2, 4 ]', '1', '4', '9', 'failed', 'done'],
  'f-promise': ['promise callback', '[ 1, 2 ]', 'failed', 'done'],
};

for (const [library, lines] of Object.entries(EXPECTED)) {
  test(`${library} runs unchanged`, () => {
    const program = fileURLToPath(new URL(`../test/fiber-libraries/${library}.cjs`, import.meta.url));
    assert.deepEqual(runNode([program]), { status: 0, output: `${lines.join('\n')}\n` });
  });
}
