import assert from 'node:assert/strict';
import { joinAll, sleep, spawn, Timeout, wait, waitReady } from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { test, testOnMain } from './support/leaks.ts';

test('Event: set wakes all who wait then, first in first out, even if it is cleared at once', () => {
  const event = new Event();
  const order: number[] = [];
  const waiters = Array.from({ length: 100 }, (_, i) =>
    spawn(() => {
      assert.equal(event.wait(), true);
      order.push(i);
    }),
  );
  sleep(0);
  event.set();
  event.clear();
  assert.equal(event.isSet, false);
  joinAll(waiters);
  assert.deepEqual(
    order,
    waiters.map((_, i) => i),
  );
  assert.equal(event.wait(0), false);
});

test('Event: one that is set does not let anybody wait; clear makes it wait again', () => {
  const event = new Event();
  assert.equal(event.isSet, false);
  event.set();
  event.set();
  assert.deepEqual([event.isSet, event.wait(), event.wait(0), wait(event)], [true, true, true, true]);
  event.clear();
  assert.equal(event.wait(1), false);
  assert.throws(() => wait(event, 1), Timeout);
});

test('Event: a wait after set and clear waits for the next set', () => {
  const event = new Event();
  event.set();
  event.clear();
  const waiter = spawn(() => event.wait());
  sleep(0);
  assert.equal(waiter.ready, false);
  event.set();
  assert.equal(waiter.get(), true);
});

test('AsyncResult: all who wait get the value, first in first out, and so do later ones', () => {
  const result = new AsyncResult<string>();
  assert.deepEqual(
    [result.ready, result.successful, result.value, result.exception],
    [false, false, undefined, undefined],
  );
  const order: string[] = [];
  const waiters = [0, 1, 2].map((i) => spawn(() => order.push(i + result.get())));
  sleep(0);
  result.set('x');
  assert.deepEqual([result.ready, result.successful, result.value, result.exception], [true, true, 'x', undefined]);
  joinAll(waiters);
  assert.deepEqual(order, ['0x', '1x', '2x']);
  assert.deepEqual(
    [result.get(), result.get(0), result.getNowait(), result.wait(), wait(result)],
    ['x', 'x', 'x', true, 'x'],
  );
});

test('AsyncResult: an error is thrown by get, the same object each time; wait only tells that it is there', () => {
  const result = new AsyncResult<string>();
  const error = new Error('failed');
  const waiters = [spawn(() => result.get()), spawn(() => wait(result))];
  const joiner = spawn(() => result.wait());
  sleep(0);
  result.setException(error);
  const is = (thrown: unknown): boolean => thrown === error;
  for (const call of [...waiters.map((waiter) => () => waiter.get()), () => result.get(), () => result.getNowait()]) {
    assert.throws(call, is);
  }
  assert.equal(joiner.get(), true);
  assert.deepEqual([result.ready, result.successful, result.value, result.exception], [true, false, undefined, error]);
});

test('AsyncResult: not set in time', () => {
  const result = new AsyncResult<string>();
  assert.throws(() => result.get(1), Timeout);
  assert.throws(() => result.get(0), Timeout);
  assert.throws(() => result.getNowait(), Timeout);
  assert.deepEqual([result.wait(0), result.wait(1)], [false, false]);
});

test('AsyncResult: set twice the last value counts, and a value wins over an error', () => {
  const result = new AsyncResult<number>();
  result.set(1);
  result.set(2);
  assert.equal(result.get(), 2);
  const error = new Error('late');
  result.setException(error);
  assert.deepEqual([result.get(), result.successful, result.exception], [2, true, error]);
});

test('AsyncResult: undefined is a value', () => {
  const result = new AsyncResult<undefined>();
  result.set(undefined);
  assert.deepEqual([result.ready, result.successful, result.get()], [true, true, undefined]);
});

test('AsyncResult: what is no error is refused with the value, and it stays unset', () => {
  const result = new AsyncResult();
  for (const bad of ['text', 5, null, undefined]) {
    assert.throws(() => result.setException(bad), /TypeError: expected an Error, got/);
  }
  assert.equal(result.ready, false);
});

test('AsyncResult: toPromise resolves or rejects with it', () => {
  const good = new AsyncResult<number>();
  const bad = new AsyncResult<number>();
  const promises = [good.toPromise(), bad.toPromise()];
  const reason = new Error('bad');
  good.set(3);
  bad.setException(reason);
  assert.deepEqual(wait(Promise.allSettled(promises)), [
    { status: 'fulfilled', value: 3 },
    { status: 'rejected', reason },
  ]);
});

test('one object may be asked for several times', () => {
  const event = new Event();
  const result = new AsyncResult();
  spawn(() => {
    result.set(1);
    event.set();
  });
  assert.deepEqual(waitReady([event, result, event]), [result, event, event]);
});

testOnMain('set works on the main stack, and so do the calls that need not wait', async () => {
  const event = new Event();
  const result = new AsyncResult<number>();
  const waiters = [spawn(() => event.wait()), spawn(() => result.get())];
  await new Promise(setImmediate);
  assert.throws(() => event.wait(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.throws(() => result.get(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.throws(() => result.get(0), Timeout);
  assert.equal(event.wait(0), false);
  event.set();
  result.set(4);
  assert.deepEqual([event.wait(), result.get(), wait(result), wait(event)], [true, 4, 4, true]);
  assert.deepEqual(await Promise.all(waiters.map((waiter) => waiter.toPromise())), [true, 4]);
});
