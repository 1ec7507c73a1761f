import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { testOnMain as test } from './support/leaks.ts';
import { COMMAND, MAIN, runNode, withProgram } from './support/program.ts';

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js');
const PRELOAD = fileURLToPath(import.meta.resolve('greenlets/mocha'));

const SUITE = `const assert = require('node:assert'); const { sleep } = require('greenlets');
  describe('suite', () => {
    let ready = 0;
    before(() => { sleep(1); ready++; });
    beforeEach((done) => { sleep(1); done(); });
    it('blocks', () => { sleep(1); assert.equal(ready, 1); });
    it('calls back', (done) => { sleep(1); done(); });
    it('calls back before it throws', (done) => { done(); throw new Error('which mocha drops'); });
    it('fails', () => { sleep(1); throw new Error('as it should'); });
    it('has its context', function () { this.timeout(5000); sleep(1); assert.equal(this.test.title, 'has its context'); });
    it('blocks under fake timers', () => {
      const { setTimeout } = globalThis;
      globalThis.setTimeout = () => assert.fail('the fake one');
      sleep(1);
      globalThis.setTimeout = setTimeout;
    });
  });`;

for (const [way, args] of Object.entries({
  node: [],
  'node --import greenlets/main': ['--import', MAIN],
  'the command': [COMMAND],
})) {
  test(`under ${way}, mocha runs tests and hooks in greenlets`, async () => {
    await withProgram('suite.cjs', SUITE, (path) => {
      const { status, output } = runNode([...args, MOCHA, '--require', PRELOAD, '--reporter', 'json', path]);
      const { stats, failures } = JSON.parse(output) as { stats: { passes: number }; failures: { err: Error }[] };
      assert.equal(stats.passes, 5, output);
      assert.deepEqual(
        failures.map(({ err }) => err.message),
        ['as it should'],
      );
      assert.equal(status, 1);
    });
  });
}
