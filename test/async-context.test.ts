import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } from 'node:async_hooks';
import { sleep, spawn, wait } from 'greenlets';
import { test } from './support/leaks.ts';

test('a greenlet starts with its spawner’s store and keeps it across blocking', () => {
  const storage = new AsyncLocalStorage<string>();
  const greenlets = ['a', 'b', 'c'].map((store) =>
    storage.run(store, () =>
      spawn(() => {
        const seen = [storage.getStore()];
        sleep(0);
        seen.push(storage.getStore());
        wait(new Promise((resolve) => setTimeout(resolve, 1)));
        seen.push(storage.getStore());
        return seen.join('');
      }),
    ),
  );
  assert.deepEqual(
    greenlets.map((greenlet) => greenlet.get()),
    ['aaa', 'bbb', 'ccc'],
  );
  assert.equal(storage.getStore(), undefined);
});

test('als.run around a blocking call works and does not leak', () => {
  const storage = new AsyncLocalStorage<number>();
  const worker = (n: number) => () =>
    storage.run(n, () => {
      for (let i = 0; i < 5; i++) {
        sleep(0);
        assert.equal(storage.getStore(), n);
      }
      return storage.getStore();
    });
  const greenlets = [1, 2, 3].map((n) => spawn(worker(n)));
  assert.deepEqual(
    greenlets.map((greenlet) => greenlet.get()),
    [1, 2, 3],
  );
  assert.equal(storage.getStore(), undefined);
});

test('als.exit inside a greenlet does not disable the store for others', () => {
  const storage = new AsyncLocalStorage<number>();
  storage.run(5, () => {
    const inside = storage.exit(() => {
      sleep(0);
      return storage.getStore();
    });
    assert.equal(inside, undefined);
    assert.equal(storage.getStore(), 5);
  });
});

test('blocking inside runInAsyncScope, ending out of order', () => {
  const scoped = (ms: number) => () => {
    const resource = new AsyncResource('Test');
    return resource.runInAsyncScope(() => {
      assert.equal(executionAsyncId(), resource.asyncId());
      sleep(ms);
      assert.equal(executionAsyncId(), resource.asyncId());
      return ms;
    });
  };
  const greenlets = [5, 1, 3].map((ms) => spawn(scoped(ms)));
  assert.deepEqual(
    greenlets.map((greenlet) => greenlet.get()),
    [5, 1, 3],
  );
});

test('with hooks enabled ids stay balanced', () => {
  const depth = new Map<number, number>();
  const hook = createHook({
    before: (id) => depth.set(id, (depth.get(id) ?? 0) + 1),
    after: (id) => depth.set(id, (depth.get(id) ?? 0) - 1),
  }).enable();
  const greenlets = [1, 2, 3].map((ms) => spawn(() => sleep(ms)));
  for (const greenlet of greenlets) greenlet.get();
  hook.disable();
  for (const count of depth.values()) assert.ok(count === 0 || count === 1 || count === -1);
});
