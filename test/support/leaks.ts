import assert from 'node:assert/strict';
import { test as nodeTest } from 'node:test';
import { getHub, run } from 'greenlets';

/** A test whose body runs in a greenlet; fails if it leaves a greenlet behind. `skip` says why it cannot run here. */
export function test(name: string, body: () => unknown, skip: string | false = false): void {
  nodeTest(name, { skip }, async () => {
    const before = getHub().stats.alive;
    await run(body as () => void);
    assert.equal(getHub().stats.alive, before, 'the test left greenlets behind');
  });
}

/** A test that runs on the main stack. `skip` says why it cannot run here. */
export function testOnMain(name: string, body: () => unknown, skip: string | false = false): void {
  nodeTest(name, { skip }, async () => {
    const before = getHub().stats.alive;
    await body();
    assert.equal(getHub().stats.alive, before, 'the test left greenlets behind');
  });
}
