import assert from 'node:assert/strict';
import node from 'node:test';
import { Greenlet, getCurrent, sleep, wait } from 'greenlets';
import test, { afterEach, beforeEach, describe, it, todo } from 'greenlets/test';

test('a test blocks in a greenlet of its own', (t) => {
  sleep(1);
  assert.ok(getCurrent() instanceof Greenlet);
  assert.equal(t.name, 'a test blocks in a greenlet of its own');
});

test('options are kept', { timeout: 5000 }, () => sleep(1));

test('a test may call back', (_t, done) => {
  sleep(1);
  done();
});

test('fake timers of a test are not those of greenlets', (t) => {
  t.mock.timers.enable();
  sleep(1);
});

test('subtests and hooks of a test block too', (t) => {
  const seen: string[] = [];
  t.beforeEach(() => {
    sleep(1);
    seen.push('before');
  });
  t.after(() => {
    sleep(1);
    seen.push('after');
    assert.deepEqual(seen, ['before', 'first', 'before', 'before', 'nested', 'after']);
  });
  wait(
    t.test('first', () => {
      sleep(1);
      seen.push('first');
    }),
  );
  wait(
    t.test('second', (second) =>
      second.test('nested', (_, done) => {
        sleep(1);
        seen.push('nested');
        done();
      }),
    ),
  );
});

test.skip('test.skip skips', () => assert.fail());

test.describe('what test has as properties', () => {
  let ready = false;
  test.before(() => {
    sleep(1);
    ready = true;
  });
  test.it('runs in greenlets', () => {
    sleep(1);
    assert.equal(ready, true);
  });
  todo('so does what is still to be done', () => sleep(1));
  it('or is that of node:test', () => assert.equal(test.mock, node.mock));
});

describe('in a suite', () => {
  const seen: string[] = [];
  beforeEach(() => {
    sleep(1);
    seen.push('before');
  });
  afterEach(() => {
    sleep(1);
    seen.push('after');
  });
  it('hooks block too', () => assert.deepEqual(seen, ['before']));
  it('they run in order', () => assert.deepEqual(seen, ['before', 'after', 'before']));
});
