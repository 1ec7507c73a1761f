import assert from 'node:assert/strict';
import { setTimeout as later } from 'node:timers/promises';
import { getCurrent, joinAll, sleep, spawn, spawnRaw } from 'greenlets';
import { Event } from 'greenlets/event';
import { Local } from 'greenlets/local';
import { test, testOnMain } from './support/leaks.ts';

test('each greenlet has a value of its own, made by init at its first reading', () => {
  let made = 0;
  const local = new Local(() => ({ id: ++made, owner: getCurrent() }));
  assert.equal(made, 0);
  const mine = local.value;
  assert.equal(local.value, mine);
  const others = [0, 1].map(() =>
    spawn(() => {
      const first = local.value;
      sleep(0);
      assert.equal(local.value, first);
      assert.equal(first.owner, getCurrent());
      return first.id;
    }),
  );
  assert.deepEqual(
    others.map((greenlet) => greenlet.get()),
    [2, 3],
  );
  assert.equal(local.value, mine);
});

test('setting, deleting and has concern the current greenlet only', () => {
  const local = new Local(() => 'initial');
  assert.equal(local.has, false);
  local.value = 'mine';
  spawn(() => {
    assert.equal(local.has, false);
    assert.equal(local.value, 'initial');
    local.value = 'theirs';
    assert.equal(local.has, true);
    local.delete();
    assert.equal(local.has, false);
    assert.equal(local.value, 'initial');
  }).get();
  assert.deepEqual([local.has, local.value], [true, 'mine']);
  local.delete();
  local.delete();
  assert.deepEqual([local.has, local.value], [false, 'initial']);
});

test('undefined is a value, and init may block', () => {
  const local = new Local<string | undefined>(() => (sleep(0), 'made'));
  local.value = undefined;
  assert.deepEqual([local.has, local.value], [true, undefined]);
  assert.equal(spawn(() => local.value).get(), 'made');
});

test('an init that fails makes no value', () => {
  let fail = true;
  const local = new Local(() => (fail ? assert.fail('init') : 'made'));
  assert.throws(() => local.value, /init/);
  assert.equal(local.has, false);
  fail = false;
  assert.equal(local.value, 'made');
  assert.throws(() => new Local(5 as never), /TypeError.*5/);
  assert.throws(() => new (Local as never as new () => unknown)(), /TypeError.*undefined/);
});

test('raw greenlets have values of their own, too', () => {
  const local = new Local(() => 0);
  local.value = 1;
  const seen = new Event();
  let value: number | undefined;
  spawnRaw(() => {
    local.value += 5;
    value = local.value;
    seen.set();
  });
  seen.wait();
  assert.deepEqual([value, local.value], [5, 1]);
});

/** Whether an object is collected. */
async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 10; i++) {
    await later(1); // deref() keeps the object until the end of the job
    globalThis.gc?.();
  }
  return reference.deref() === undefined;
}

testOnMain('a value is let go when its greenlet ends, even if that is still referred to', async () => {
  const local = new Local<object>(() => ({}));
  let reference: WeakRef<object> | undefined;
  const greenlet = spawn(() => {
    reference = new WeakRef(local.value);
  });
  await greenlet.toPromise();
  assert.equal(await isCollected(reference as WeakRef<object>), true);
  assert.equal(greenlet.dead, true);
});

testOnMain('a value is let go with its Local, even inside a greenlet that goes on', async () => {
  const go = new Event();
  let reference: WeakRef<object> | undefined;
  const greenlet = spawn(() => {
    (() => {
      const local = new Local<object>(() => ({}));
      reference = new WeakRef(local.value);
    })();
    go.wait();
  });
  await new Promise(setImmediate);
  assert.equal(await isCollected(reference as WeakRef<object>), true);
  go.set();
  await greenlet.toPromise();
});

testOnMain('the main stack has a value of its own', async () => {
  const local = new Local(() => 'initial');
  local.value = 'main';
  assert.equal(await spawn(() => local.value).toPromise(), 'initial');
  assert.equal(local.value, 'main');
});

test('thousands of greenlets do not mix their values up', () => {
  const local = new Local(() => -1);
  joinAll(
    Array.from({ length: 2000 }, (_, i) =>
      spawn(() => {
        local.value = i;
        for (let turn = 0; turn < 3; turn++) {
          sleep(0);
          assert.equal(local.value, i);
        }
      }),
    ),
  );
});
