// Greenlets that block in callbacks of native addons, compiled here. Where this fails, it aborts the process.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import { child, PACKAGE } from './support/child.ts';
import { testOnMain as test } from './support/leaks.ts';

const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
after(() => rmSync(directory, { recursive: true }));
const HEADERS = join(dirname(process.execPath), '..', 'include', 'node');

/** Compiles test/addons/scopes.c. */
function compile(...options: string[]): string {
  const output = join(directory, `addon${options.join('')}.node`);
  const source = join(PACKAGE, 'test', 'addons', 'scopes.c');
  execFileSync('cc', ['-shared', '-fPIC', `-I${HEADERS}`, ...options, '-o', output, source]);
  return output;
}

/** Greenlets that are inside the addon at the same time, and leave it in another order than they came. */
const OVERLAP = `
  const inside = (ms) => spawn(() => [1, 2].map(() => addon.call(() => {
    sleep(ms);
    return addon.call(() => (sleep(ms), ms));
  })));
  console.log(JSON.stringify(all([5, 25, 15].map(inside))));
  try { addon.call(() => { sleep(1); throw new Error('thrown'); }); } catch (error) { console.log(error.message); }
  const victim = spawn(() => addon.call(() => sleep(1e6)));
  sleep(1);
  victim.kill();
  console.log(victim.killed);`;
const EXPECTED = '[[5,5],[25,25],[15,15]]\nthrown\ntrue\n';

for (const [how, options] of Object.entries({
  'as they are called first': ['-Wl,-z,lazy'],
  'when it is loaded': ['-Wl,-z,relro,-z,now'],
  'by itself': ['-DBY_NAME'],
})) {
  test(`greenlets overlap in callbacks of an addon whose functions are linked ${how}`, () => {
    const addon = compile(...options);
    const outcome = child(`
      import { createRequire } from 'node:module';
      import { all, run, sleep, spawn } from 'greenlets';
      const addon = createRequire('/')('${addon}');
      await run(() => {${OVERLAP}});`);
    assert.deepEqual(outcome, { status: 0, signal: null, output: EXPECTED });
  });
}

test('an addon that loads this package from its own callback keeps what it had opened', () => {
  const addon = compile();
  const { output } = child(`
    import { createRequire } from 'node:module';
    const require = createRequire('/');
    const addon = require('${addon}');
    const { all, run, sleep, spawn } = await new Promise((resolve) => addon.call(() => {
      resolve(require(${JSON.stringify(join(PACKAGE, 'dist', 'index.js'))}));
      return 1;
    }));
    await run(() => {${OVERLAP}});`);
  assert.equal(output, EXPECTED);
});
