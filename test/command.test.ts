import assert from 'node:assert/strict';
import { testOnMain as test } from './support/leaks.ts';
import { COMMAND, MAIN, runNode, signalNode, withProgram } from './support/program.ts';

const ESM = `import { sleep } from 'greenlets'; sleep(1); console.log('slept', process.argv.slice(2).join());`;
const CJS = `const { sleep } = require('greenlets'); sleep(1); console.log('slept', require.main === module);`;

test('the command runs a program whose top level blocks', async () => {
  await withProgram('app.mjs', ESM, (path) => {
    assert.deepEqual(runNode([COMMAND, path, 'x', 'y']), { status: 0, output: 'slept x,y\n' });
  });
  await withProgram('app.cjs', CJS, (path) => {
    assert.deepEqual(runNode([COMMAND, path]), { status: 0, output: 'slept true\n' });
  });
});

test('so does node --import greenlets/main', async () => {
  await withProgram('app.mjs', ESM, (path) => {
    assert.deepEqual(runNode(['--import', MAIN, path, 'x']), { status: 0, output: 'slept x\n' });
  });
  await withProgram('app.cjs', CJS, (path) => {
    assert.deepEqual(runNode(['--import', MAIN, path]), { status: 0, output: 'slept true\n' });
  });
});

test('SIGINT and SIGTERM raise Interrupted in the program, then the process exits with 130 and 143', async () => {
  const source = `const { sleep } = require('greenlets');
    try { console.log('ready'); sleep(1e6); }
    catch (error) { console.log(error.name, error.signal); }
    finally { console.log('finally'); }`;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const outcome = await withProgram('app.cjs', source, (path) => signalNode([COMMAND, path], 'ready', signal));
    assert.deepEqual(outcome, { status: code, output: `ready\nInterrupted ${signal}\nfinally\n` });
  }
});

test('an error of the program ends the process with 1', async () => {
  await withProgram(
    'app.mjs',
    `import { sleep } from 'greenlets'; sleep(1); throw new Error('program failed');`,
    (path) => {
      const { status, output } = runNode([COMMAND, path]);
      assert.equal(status, 1);
      assert.match(output, /program failed/);
    },
  );
});

test('a program that is stuck for ever is told so', async () => {
  await withProgram('app.mjs', `import { Greenlet } from 'greenlets'; new Greenlet(() => {}).join();`, (path) => {
    const { status, output } = runNode([COMMAND, path]);
    assert.equal(status, 1);
    assert.match(output, /ERR_GREENLETS_LOOP_EXIT/);
  });
});

test('bad usage is refused with 2', () => {
  assert.equal(runNode([COMMAND]).status, 2);
  assert.equal(runNode([COMMAND, '--nonsense']).status, 2);
  assert.equal(runNode([COMMAND, '/no/such/file']).status, 2);
  assert.match(runNode([COMMAND, '--version']).output, /^\d+\.\d+\.\d+\n$/);
});
