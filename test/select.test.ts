import assert from 'node:assert/strict';
import { GreenletExit, getHub, joinAll, select, sleep, spawn, Timeout, wait } from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { Semaphore } from 'greenlets/lock';
import { Channel, PriorityQueue, Queue, QueueShutDown } from 'greenlets/queue';
import { test, testOnMain } from './support/leaks.ts';

test('a ready case takes effect at once: its index and value', () => {
  const queue = new Queue<number>();
  queue.put(5);
  assert.deepEqual(select([new Event(), queue.onGet()]), { index: 1, value: 5 });
  assert.equal(queue.size, 0);
  assert.deepEqual(select([queue.onGet(), queue.onPut(6)]), { index: 1, value: undefined });
  assert.equal(queue.getNowait(), 6);
});

test('each kind of case gives what waiting for it gives', () => {
  const event = new Event();
  event.set();
  const result = new AsyncResult<string>();
  result.set('set');
  const ended = spawn(() => 'returned');
  ended.join();
  const never = new Event();
  assert.deepEqual(select([never, event]), { index: 1, value: true });
  assert.deepEqual(select([never, result]), { index: 1, value: 'set' });
  assert.deepEqual(select([never, ended]), { index: 1, value: 'returned' });
  assert.deepEqual(select([never, new Semaphore(1)]), { index: 1, value: true });
  assert.deepEqual(select([never, Promise.resolve('settled')]), { index: 1, value: 'settled' });
  assert.deepEqual(select([never, spawn(() => 'soon')]), { index: 1, value: 'soon' });
});

test('exactly one case takes effect, though several become ready in one stretch', () => {
  const a = new Queue<string>();
  const b = new Queue<string>();
  const full = new Queue<string>(1);
  full.put('old');
  const chooser = spawn(() => select([a.onGet(), b.onGet(), full.onPut('new')]));
  sleep(0);
  b.put('b');
  a.put('a');
  assert.equal(full.get(), 'old');
  assert.deepEqual(chooser.get(), { index: 1, value: 'b' });
  assert.deepEqual([a.size, b.size, full.size], [1, 0, 0]);
});

test('a case that loses leaves no trace', () => {
  const event = new Event();
  const queue = new Queue<number>();
  const full = new Queue<number>(1);
  full.put(0);
  const channel = new Channel<number>();
  const chooser = spawn(() => select([queue.onGet(), full.onPut(1), channel.onGet(), channel.onPut(2), event]));
  sleep(0);
  event.set();
  assert.equal(chooser.get().index, 4);
  queue.put(9);
  assert.equal(queue.size, 1, 'nobody waits in get any more');
  assert.equal(full.get(), 0);
  assert.equal(full.size, 0, 'nobody waits in put any more');
  assert.throws(() => channel.putNowait(3), { code: 'ERR_GREENLETS_QUEUE_FULL' });
  assert.throws(() => channel.getNowait(), { code: 'ERR_GREENLETS_QUEUE_EMPTY' });
});

test('none in time: Timeout, and no trace', () => {
  const queue = new Queue<number>();
  assert.throws(() => select([queue.onGet()], 1), Timeout);
  assert.throws(() => select([queue.onGet(), new Event()], 0), Timeout);
  queue.put(1);
  assert.equal(queue.size, 1);
});

test('a select that is killed leaves no trace; what it was handed before is its own', () => {
  const queue = new Queue<number>();
  const killed = spawn(() => select([queue.onGet(), new Event()]));
  const next = spawn(() => queue.get());
  sleep(0);
  killed.kill(undefined, { block: false });
  queue.put(1);
  assert.equal(next.get(), 1);
  assert.throws(() => killed.get(), GreenletExit);
  const served = spawn(() => select([new Event(), queue.onGet()]));
  sleep(0);
  queue.put(2);
  served.kill(undefined, { block: false });
  assert.deepEqual(served.get(), { index: 1, value: 2 });
});

test('two greenlets in select meet at a channel, but the cases of one never serve each other', () => {
  const channel = new Channel<string>();
  const other = new Channel<string>();
  const first = spawn(() => select([channel.onGet(), channel.onPut('from first'), other.onGet()]));
  sleep(0);
  assert.equal(first.ready, false);
  const second = spawn(() => select([channel.onPut('from second'), channel.onGet()]));
  const results = [first.get(), second.get()];
  assert.ok(
    (results[0]?.value === 'from second' && results[1]?.index === 0) ||
      (results[1]?.value === 'from first' && results[0]?.index === 1),
  );
});

test('a select stands in line with get and put, first in first out', () => {
  const queue = new Queue<number>();
  const got: string[] = [];
  const all = [
    spawn(() => got.push(`get ${queue.get()}`)),
    spawn(() => got.push(`select ${select([queue.onGet()]).value}`)),
    spawn(() => got.push(`get ${queue.get()}`)),
  ];
  sleep(0);
  for (const item of [1, 2, 3]) queue.put(item);
  joinAll(all);
  assert.deepEqual(got, ['get 1', 'select 2', 'get 3']);
});

test('ready cases take turns, so that none starves', () => {
  const queues = [new Queue<number>(), new Queue<number>(), new Queue<number>()];
  for (const queue of queues) for (let i = 0; i < 10; i++) queue.put(i);
  const indices = Array.from({ length: 12 }, () => select(queues.map((queue) => queue.onGet())).index);
  for (let i = 0; i < 12; i += 3) assert.deepEqual(indices.slice(i, i + 3).sort(), [0, 1, 2]);
  const unbounded = new Queue<string>();
  for (let i = 0; i < 4; i++) select([unbounded.onPut('a'), unbounded.onPut('b')]);
  assert.deepEqual([...'abab'].sort(), Array.from({ length: 4 }, () => unbounded.getNowait()).sort());
});

test('they take turns for each list of cases, whoever else selects on some of them', () => {
  const shared = new Queue<string>();
  const own = [new Queue<string>(), new Queue<string>()];
  const taken = [new Set<number>(), new Set<number>()];
  for (let i = 0; i < 100; i++) for (const queue of [shared, ...own]) queue.put('x');
  for (let i = 0; i < 20; i++) {
    for (const who of [0, 1]) taken[who]?.add(select([shared.onGet(), (own[who] as Queue<string>).onGet()]).index);
  }
  assert.deepEqual(
    taken.map((indices) => indices.has(1)),
    [true, true],
    'neither greenlet’s own queue starves',
  );
});

test('a case that fails throws: the greenlet’s error, the very rejection, QueueShutDown', () => {
  const failure = new Error('failed');
  const is = (error: unknown): boolean => error === failure;
  const never = new Event();
  const failing = spawn(() => {
    throw failure;
  });
  assert.throws(() => select([never, failing]), is);
  assert.throws(() => select([never, Promise.reject(failure)]), is);
  const queue = new Queue<number>();
  queue.shutdown();
  assert.throws(() => select([never, queue.onGet()]), QueueShutDown);
  assert.throws(() => select([never, queue.onPut(1)]), QueueShutDown);
  const later = new Channel<number>();
  const waiting = spawn(() => select([never, later.onGet()]));
  sleep(0);
  later.shutdown();
  assert.throws(() => waiting.get(), QueueShutDown);
});

test('a promise that has settled takes its turn among queues that are ready all the time', () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 100; i++) queue.put(i);
  const lastOf = (stop: Promise<string>): unknown => {
    for (;;) {
      const { index, value } = select([queue.onGet(), stop]);
      if (index === 1) return value;
      sleep(0);
      wait(Promise.resolve());
    }
  };
  assert.equal(lastOf(Promise.resolve('stop')), 'stop');
  assert.throws(() => lastOf(Promise.reject(new Error('stop'))), /stop/);
  assert.ok(queue.size > 50);
});

test('a promise is followed once, however often it is selected on', () => {
  let resolve = (_: number): void => {};
  const promise = new Promise<number>((resolved) => {
    resolve = resolved;
  });
  let followed = 0;
  Reflect.defineProperty(promise, 'then', {
    value: (...reactions: [() => unknown]) => {
      followed++;
      return Promise.prototype.then.apply(promise, reactions);
    },
  });
  for (let i = 0; i < 10; i++) assert.throws(() => select([promise], 0), Timeout);
  const waiters = [spawn(() => select([promise, new Event()])), spawn(() => select([new Event(), promise]))];
  sleep(0);
  resolve(5);
  assert.deepEqual(
    waiters.map((waiter) => waiter.get()),
    [
      { index: 0, value: 5 },
      { index: 1, value: 5 },
    ],
  );
  assert.deepEqual(select([promise], 0), { index: 0, value: 5 });
  assert.equal(followed, 1);
});

test('a greenlet in a select that is refused is not observed: its failure is reported', () => {
  const reported: unknown[] = [];
  const listener = (_: unknown, error: unknown): number => reported.push((error as Error).message);
  getHub().on('error', listener);
  const failing = ['first', 'second'].map((message) =>
    spawn(() => {
      throw new Error(message);
    }),
  );
  assert.throws(() => select([failing[0] as never], -1), RangeError);
  assert.throws(() => select([failing[1] as never, 42 as never]), TypeError);
  for (let turn = 0; turn < 4; turn++) spawn(() => new Promise(setImmediate)).join();
  getHub().off('error', listener);
  assert.deepEqual(reported, ['first', 'second']);
});

test('a case that throws when it is tried leaves no trace of the others', () => {
  const queue = new Queue<number>();
  const priorities = new PriorityQueue<number>(0, () => {
    throw new Error('cannot compare');
  });
  priorities.put(1);
  assert.throws(() => select([queue.onGet(), priorities.onPut(2)]), /cannot compare/);
  queue.put(5);
  assert.equal(queue.size, 1);
  assert.equal(priorities.size, 1);
});

test('a promise that lost and rejects later is no unhandled rejection', () => {
  const event = new Event();
  event.set();
  let reject = (_: Error): void => {};
  const late = new Promise<void>((_, rejected) => {
    reject = rejected;
  });
  assert.equal(select([event, late]).index, 0);
  assert.throws(() => select([new Event(), late], 1), Timeout);
  reject(new Error('late'));
  sleep(1);
});

test('the put of a select into a PriorityQueue with room, and the room that a select makes', () => {
  const queue = new PriorityQueue<number>(1);
  select([queue.onPut(3)]);
  const putter = spawn(() => queue.put(1));
  sleep(0);
  assert.equal(select([queue.onGet()]).value, 3);
  putter.join();
  assert.equal(queue.getNowait(), 1);
});

test('in a bounded queue with one item, select may get it or wait to put, never both', () => {
  const queue = new Queue<number>(1);
  queue.put(1);
  const { index } = select([queue.onPut(2), queue.onGet()]);
  assert.equal(index, 1);
  assert.equal(queue.size, 0, 'the put of the same select was not done as well');
});

test('bad input is refused with the value, and nothing is registered', () => {
  const queue = new Queue<number>();
  assert.throws(() => select([]), /TypeError.*empty/);
  assert.throws(() => select(5 as never), /TypeError.*5/);
  assert.throws(() => select([queue.onGet(), queue as never]), /TypeError.*Queue/);
  assert.throws(() => select([queue.onGet(), null as never]), /TypeError.*null/);
  assert.throws(() => select([queue.onGet()], -1), /RangeError.*-1/);
  queue.put(1);
  assert.equal(queue.size, 1);
});

testOnMain('on the main stack a select that need not wait works', () => {
  const queue = new Queue<number>();
  queue.put(1);
  assert.deepEqual(select([queue.onGet()]), { index: 0, value: 1 });
  assert.throws(() => select([queue.onGet()]), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.throws(() => select([queue.onGet()], 0), Timeout);
  assert.equal(getHub().stats.blocked, 0);
});
