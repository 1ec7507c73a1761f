import assert from 'node:assert/strict';
import { run, sleep, spawn, toAsync } from 'greenlets';

const greet = (name) => {
  sleep(1);
  return `hello ${name}`;
};

describe('greenlets under mocha', () => {
  it('run in a test', async () => {
    assert.equal(await run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join()), 'hello a,hello b');
  });
  it(
    'are the test',
    toAsync(() => assert.equal(greet('c'), 'hello c')),
  );
});
