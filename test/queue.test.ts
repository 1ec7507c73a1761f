import assert from 'node:assert/strict';
import { type Greenlet, GreenletExit, sleep, spawn, spawnLater, Timeout } from 'greenlets';
import { Event } from 'greenlets/event';
import {
  Channel,
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  SimpleQueue,
} from 'greenlets/queue';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

const kinds = { Queue, LifoQueue, PriorityQueue, JoinableQueue };

function drain<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  while (!queue.empty) items.push(queue.getNowait());
  return items;
}

test('a Queue is first in, first out, a LifoQueue last in, first out, a PriorityQueue smallest first', () => {
  const filled = (queue: Queue<number>): number[] => {
    for (const item of [2, 3, 1, 2]) queue.put(item);
    return drain(queue);
  };
  assert.deepEqual(filled(new Queue()), [2, 3, 1, 2]);
  assert.deepEqual(filled(new SimpleQueue()), [2, 3, 1, 2]);
  assert.deepEqual(filled(new LifoQueue()), [2, 1, 3, 2]);
  assert.deepEqual(filled(new PriorityQueue()), [1, 2, 2, 3]);
});

test('a Queue keeps the order of tens of thousands of items, while some are taken', () => {
  const queue = new Queue<number>();
  let taken = 0;
  for (let item = 0; item < 50_000; item++) {
    queue.put(item);
    if (item % 3 === 0) assert.equal(queue.get(), taken++);
  }
  assert.equal(queue.size, 50_000 - taken);
  for (; !queue.empty; taken++) assert.equal(queue.get(), taken);
  assert.equal(taken, 50_000);
});

test('equal priorities come out in the order they were put in', () => {
  const queue = new PriorityQueue<{ rank: number; id: number }>(0, (a, b) => a.rank - b.rank);
  for (let id = 0; id < 30; id++) queue.put({ rank: id % 3, id });
  const out = drain(queue);
  for (let i = 1; i < out.length; i++) {
    const [before, after] = [out[i - 1] as { rank: number; id: number }, out[i] as { rank: number; id: number }];
    assert.ok(before.rank < after.rank || (before.rank === after.rank && before.id < after.id));
  }
});

test('a comparison that gives NaN or 0n makes equals', () => {
  for (const equal of [Number.NaN, 0n as never]) {
    const queue = new PriorityQueue<number>(0, () => equal);
    for (let i = 0; i < 5; i++) queue.put(i);
    assert.deepEqual(drain(queue), [0, 1, 2, 3, 4]);
  }
});

test('a PriorityQueue compares numbers, strings, dates and [priority, item] arrays by itself', () => {
  const sorted = <T>(items: T[]): T[] => {
    const queue = new PriorityQueue<T>();
    for (const item of items) queue.put(item);
    return drain(queue);
  };
  assert.deepEqual(sorted([10, 9, 1]), [1, 9, 10]);
  assert.deepEqual(sorted(['b', 'a', 'B']), ['B', 'a', 'b']);
  assert.deepEqual(sorted([new Date(5), new Date(3)]), [new Date(3), new Date(5)]);
  assert.deepEqual(
    sorted([
      [2, 'two'],
      [1, 'b'],
      [1, 'a'],
    ]),
    [
      [1, 'a'],
      [1, 'b'],
      [2, 'two'],
    ],
  );
});

test('a compare function that throws leaves a PriorityQueue as it was: no item is lost', () => {
  let fail = false;
  const queue = new PriorityQueue<number>(0, (a, b) => {
    if (fail) throw new Error('cannot compare');
    return a - b;
  });
  for (const item of [5, 1, 4, 2, 3]) queue.put(item);
  fail = true;
  assert.throws(() => queue.put(0), /cannot compare/);
  assert.throws(() => queue.get(), /cannot compare/);
  assert.throws(() => queue.getNowait(), /cannot compare/);
  fail = false;
  assert.equal(queue.size, 5);
  assert.deepEqual(drain(queue), [1, 2, 3, 4, 5]);
});

test('a compare function that changes its own queue fails the operation, and loses nothing else', () => {
  let change: (() => unknown) | null = null;
  const queue: PriorityQueue<number> = new PriorityQueue<number>(0, (a, b) => {
    const once = change;
    change = null;
    once?.();
    return a - b;
  });
  const drain = (): number[] => Array.from({ length: queue.size }, () => queue.getNowait());
  const refused = { name: 'GreenletError', code: 'ERR_GREENLETS_INVALID_STATE' };
  for (const n of [1, 2, 4]) queue.put(n);
  change = () => queue.putNowait(0);
  assert.throws(() => queue.put(3), refused);
  assert.deepEqual(drain(), [0, 1, 2, 4]);
  for (const n of [1, 2, 4]) queue.put(n);
  change = () => queue.getNowait();
  assert.throws(() => queue.put(3), refused);
  assert.deepEqual(drain(), [2, 4]);
  for (const n of [1, 2, 4]) queue.put(n);
  change = () => queue.shutdown({ immediate: true });
  assert.throws(() => queue.get(), refused);
  assert.equal(queue.size, 0);
});

test('an immediate shutdown drops what is left of a PriorityQueue, whatever its compare function does', () => {
  let broken = false;
  const queue = new PriorityQueue<number>(0, (a, b) => {
    if (broken) throw new Error('cannot compare');
    return a - b;
  });
  for (let i = 0; i < 5; i++) queue.put(i);
  broken = true;
  queue.shutdown({ immediate: true });
  assert.equal(queue.size, 0);
  assert.throws(() => queue.get(), QueueShutDown);
});

test('a compare function that throws for a waiting put fails that put; the next is served', () => {
  const queue = new PriorityQueue<number>(2, (a, b) => {
    if (a === 13 || b === 13) throw new Error('13');
    return a - b;
  });
  queue.put(1);
  queue.put(2);
  const [bad, good] = [13, 3].map((item) => spawn(() => queue.put(item))) as [Greenlet<void>, Greenlet<void>];
  sleep(0);
  assert.equal(queue.get(), 1);
  assert.throws(() => bad.get(), /13/);
  assert.equal(good.join(), true);
  assert.deepEqual(drain(queue), [2, 3]);
});

for (const [name, Kind] of Object.entries(kinds)) {
  test(`${name}: without maxsize or with 0 it is unbounded; with one it is full there`, () => {
    for (const queue of [
      new Kind<number>(),
      new Kind<number>(0),
      new Kind<number>(null),
      new Kind<number>(undefined),
    ]) {
      for (let i = 0; i < 100; i++) queue.putNowait(i);
      assert.equal(queue.size, 100);
      assert.equal(queue.full, false);
      assert.equal(queue.empty, false);
    }
    const bounded = new Kind<number>(2);
    assert.deepEqual([bounded.size, bounded.empty, bounded.full], [0, true, false]);
    bounded.put(1);
    assert.deepEqual([bounded.size, bounded.empty, bounded.full], [1, false, false]);
    bounded.put(2);
    assert.deepEqual([bounded.size, bounded.empty, bounded.full], [2, false, true]);
    assert.throws(() => bounded.putNowait(3), QueueFull);
    assert.throws(() => bounded.put(3, 0), QueueFull);
    assert.throws(() => bounded.put(3, 1), { code: 'ERR_GREENLETS_QUEUE_FULL' });
    assert.equal(bounded.size, 2);
  });

  test(`${name}: bad sizes are refused with the value`, () => {
    for (const size of [-1, 1.5, Number.NaN]) assert.throws(() => new Kind(size), new RegExp(`RangeError.*${size}`));
    for (const size of ['3', {}, true]) assert.throws(() => new Kind(size as never), /TypeError: maxsize/);
  });

  test(`${name}: an empty one throws QueueEmpty when the time is over`, () => {
    const queue = new Kind<number>();
    assert.throws(() => queue.getNowait(), QueueEmpty);
    assert.throws(() => queue.peekNowait(), QueueEmpty);
    assert.throws(() => queue.get(0), QueueEmpty);
    assert.throws(() => queue.peek(0), QueueEmpty);
    assert.throws(() => queue.get(1), { code: 'ERR_GREENLETS_QUEUE_EMPTY' });
    assert.throws(() => queue.peek(1), QueueEmpty);
  });

  test(`${name}: peek shows what get would take, and leaves it`, () => {
    const queue = new Kind<number>();
    for (const item of [2, 1, 3]) queue.put(item);
    const seen = queue.peek();
    assert.equal(queue.peekNowait(), seen);
    assert.equal(queue.size, 3);
    assert.equal(queue.get(), seen);
  });

  test(`${name}: what is put goes to the get that waited first, at once and for good`, () => {
    const queue = new Kind<number>();
    const got: [number, number][] = [];
    const getters = [0, 1].map((i) => spawn(() => got.push([i, queue.get()])));
    sleep(0);
    queue.put(10);
    assert.equal(queue.size, 0, 'it is the getter’s');
    assert.throws(() => queue.getNowait(), QueueEmpty, 'nobody can barge in');
    getters[0]?.kill(undefined, { block: false }); // too late: it was handed over
    queue.put(20);
    queue.shutdown({ immediate: true });
    for (const getter of getters) getter.join();
    assert.deepEqual(got, [
      [0, 10],
      [1, 20],
    ]);
  });

  test(`${name}: room goes to the put that waited first, at once and for good`, () => {
    const queue = new Kind<number>(1);
    queue.put(0);
    const putters = [1, 2].map((item) => spawn(() => queue.put(item)));
    sleep(0);
    assert.equal(queue.get(), 0);
    assert.equal(queue.size, 1, 'the item of the first putter is in');
    assert.throws(() => queue.putNowait(9), QueueFull);
    putters[0]?.kill(undefined, { block: false });
    assert.equal(putters[0]?.join(), true);
    assert.equal(putters[0]?.successful, true, 'its put had its effect before the kill');
    assert.equal(queue.get(), 1);
    assert.equal(queue.get(), 2);
    assert.equal(putters[1]?.join(), true);
  });

  test(`${name}: a getter or putter cut short is passed over`, () => {
    const queue = new Kind<number>(1);
    const getters = [0, 1].map(() => spawn(() => queue.get()));
    sleep(0);
    getters[0]?.kill(undefined, { block: false });
    queue.put(1);
    assert.equal(getters[1]?.get(), 1);
    queue.put(2);
    const putters = [3, 4].map((item) => spawn(() => queue.put(item)));
    sleep(0);
    putters[0]?.kill(undefined, { block: false });
    assert.equal(queue.get(), 2);
    assert.equal(putters[1]?.join(), true);
    assert.deepEqual(drain(queue), [4]);
  });

  test(`${name}: shutdown lets get take what is left, then both ends throw QueueShutDown`, () => {
    const queue = new Kind<number>(2);
    queue.put(1);
    queue.put(2);
    const putter = spawn(() => queue.put(3));
    sleep(0);
    queue.shutdown();
    assert.throws(() => putter.get(), QueueShutDown);
    assert.throws(() => queue.put(4), { code: 'ERR_GREENLETS_QUEUE_SHUT_DOWN' });
    assert.throws(() => queue.putNowait(4), QueueShutDown);
    assert.throws(() => queue.put(4, 0), QueueShutDown);
    assert.equal(queue.size, 2);
    queue.peek();
    queue.get();
    queue.getNowait();
    for (const call of [() => queue.get(), () => queue.get(0), () => queue.getNowait()]) {
      assert.throws(call, QueueShutDown);
    }
    for (const call of [() => queue.peek(), () => queue.peek(0), () => queue.peekNowait()]) {
      assert.throws(call, QueueShutDown);
    }
    queue.shutdown(); // again: nothing happens
  });

  test(`${name}: shutdown ends all who wait in get and peek; immediate drops what is left`, () => {
    const empty = new Kind<number>();
    const waiting = [spawn(() => empty.get()), spawn(() => empty.peek())];
    sleep(0);
    empty.shutdown();
    for (const greenlet of waiting) assert.throws(() => greenlet.get(), QueueShutDown);
    const filled = new Kind<number>();
    filled.put(1);
    filled.shutdown({ immediate: true });
    assert.equal(filled.size, 0);
    assert.throws(() => filled.get(), QueueShutDown);
    const later = new Kind<number>();
    later.put(1);
    later.shutdown();
    later.shutdown({ immediate: true });
    assert.equal(later.size, 0);
    assert.throws(() => later.shutdown(5 as never), /TypeError.*5/);
  });

  test(`${name}: iterating takes items until it was shut down and is empty`, () => {
    const queue = new Kind<number>();
    const seen: number[] = [];
    const reader = spawn(() => {
      for (const item of queue) seen.push(item);
      return 'ended';
    });
    queue.put(1);
    sleep(0);
    queue.put(2);
    queue.put(3);
    queue.shutdown();
    assert.equal(reader.get(), 'ended');
    assert.deepEqual(seen.sort(), [1, 2, 3]);
    assert.deepEqual([...queue], []);
  });
}

test('leaving a loop over a queue takes nothing more', () => {
  const queue = new Queue<number>();
  for (const item of [1, 2, 3]) queue.put(item);
  for (const item of queue) if (item === 2) break;
  assert.deepEqual(drain(queue), [3]);
});

test('who peeks first sees the item that the get after it takes; who peeks after it waits for the next', () => {
  const queue = new Queue<string>();
  const log: string[] = [];
  const all = [
    spawn(() => log.push(`peek1 ${queue.peek()}`)),
    spawn(() => log.push(`get ${queue.get()}`)),
    spawn(() => log.push(`peek2 ${queue.peek()}`)),
  ];
  sleep(0);
  queue.put('a');
  sleep(0);
  queue.put('b');
  for (const greenlet of all) greenlet.join();
  assert.deepEqual(log, ['peek1 a', 'get a', 'peek2 b']);
  assert.equal(queue.size, 1);
});

test('a put that meets only greenlets in peek stays in the queue', () => {
  const queue = new Queue<string>(1);
  const peeks = [spawn(() => queue.peek()), spawn(() => queue.peek())];
  sleep(0);
  queue.put('x');
  assert.equal(queue.size, 1);
  assert.deepEqual(
    peeks.map((greenlet) => greenlet.get()),
    ['x', 'x'],
  );
  assert.equal(queue.get(), 'x');
});

test('an item that comes before a fired timeout was raised is received; the error waits for the next blocking call', () => {
  using _clock = new VirtualClock();
  const queue = new Queue<number>();
  const getter = spawn(() => {
    spawnLater(5, () => queue.put(7));
    using timeout = Timeout.start(5);
    assert.equal(queue.get(), 7);
    assert.throws(
      () => sleep(0),
      (error) => error === timeout,
    );
  });
  getter.get();
});

test('a JoinableQueue counts items from put to taskDone, and join waits for the last', () => {
  const queue = new JoinableQueue<number>();
  assert.equal(queue.join(), true, 'nothing was put in');
  for (let i = 0; i < 3; i++) queue.put(i);
  assert.equal(queue.unfinishedTasks, 3);
  assert.equal(queue.join(0), false);
  assert.equal(queue.join(1), false);
  const joiners = [spawn(() => queue.join()), spawn(() => queue.join(1000))];
  for (const item of [0, 1, 2]) {
    assert.equal(queue.get(), item);
    assert.equal(queue.unfinishedTasks, 3 - item);
    assert.equal(queue.taskDone(), undefined);
  }
  assert.deepEqual(
    joiners.map((joiner) => joiner.get()),
    [true, true],
  );
  assert.throws(() => queue.taskDone(), { name: 'GreenletError', code: 'ERR_GREENLETS_TASK_DONE' });
  assert.equal(queue.unfinishedTasks, 0);
});

test('a JoinableQueue counts a waiting put only once its item is in, and one that gave up never', () => {
  const queue = new JoinableQueue<number>(1);
  queue.put(1);
  const putter = spawn(() => queue.put(2));
  const impatient = spawn(() => queue.put(3, 1));
  sleep(0);
  assert.equal(queue.unfinishedTasks, 1);
  assert.throws(() => impatient.get(), QueueFull);
  queue.get();
  assert.equal(queue.unfinishedTasks, 2);
  putter.join();
  queue.get();
  queue.taskDone();
  queue.taskDone();
  assert.equal(queue.join(), true);
});

test('an item handed straight to a get counts as an unfinished task', () => {
  const queue = new JoinableQueue<number>();
  const getter = spawn(() => queue.get());
  sleep(0);
  queue.put(1);
  assert.equal(queue.unfinishedTasks, 1);
  assert.equal(getter.get(), 1);
  assert.equal(queue.join(0), false);
  queue.taskDone();
});

test('an immediate shutdown finishes the tasks it drops, and lets join return', () => {
  const queue = new JoinableQueue<number>();
  queue.put(1);
  queue.put(2);
  const joiner = spawn(() => queue.join());
  sleep(0);
  queue.get();
  queue.shutdown({ immediate: true });
  assert.equal(queue.unfinishedTasks, 1, 'the one that was taken is still to be done');
  assert.equal(joiner.ready, false);
  queue.taskDone();
  assert.equal(joiner.get(), true);
  assert.throws(() => queue.taskDone(), { code: 'ERR_GREENLETS_TASK_DONE' });
});

test('a Channel holds nothing: put returns when a get has the item', () => {
  const channel = new Channel<string>();
  const log: string[] = [];
  const putter = spawn(() => {
    channel.put('a');
    log.push('put a');
    channel.put('b');
    log.push('put b');
  });
  sleep(0);
  assert.deepEqual([channel.size, channel.empty, channel.full], [0, true, true]);
  assert.equal(log.length, 0);
  log.push(`got ${channel.get()}`);
  sleep(0);
  assert.deepEqual(log, ['got a', 'put a']);
  log.push(`got ${channel.get()}`);
  putter.join();
  assert.deepEqual(log, ['got a', 'put a', 'got b', 'put b']);
  assert.equal('peek' in channel, false);
});

test('a Channel serves both ends first in, first out', () => {
  const channel = new Channel<number>();
  const putters = [1, 2, 3].map((item) => spawn(() => channel.put(item)));
  sleep(0);
  assert.deepEqual([channel.get(), channel.get(), channel.get()], [1, 2, 3]);
  for (const putter of putters) putter.join();
  const got: string[] = [];
  const getters = ['a', 'b', 'c'].map((name) => spawn(() => got.push(name + channel.get())));
  sleep(0);
  for (const item of [1, 2, 3]) channel.put(item);
  for (const getter of getters) getter.join();
  assert.deepEqual(got, ['a1', 'b2', 'c3']);
});

test('a Channel’s forms that do not wait need somebody at the other end', () => {
  const channel = new Channel<number>();
  assert.throws(() => channel.putNowait(1), QueueFull);
  assert.throws(() => channel.put(1, 0), QueueFull);
  assert.throws(() => channel.getNowait(), QueueEmpty);
  assert.throws(() => channel.get(0), QueueEmpty);
  const getter = spawn(() => channel.get());
  sleep(0);
  channel.putNowait(5);
  assert.equal(getter.get(), 5);
  const putter = spawn(() => channel.put(6));
  sleep(0);
  assert.equal(channel.getNowait(), 6);
  putter.join();
});

test('a put of a Channel that gave up is not received', () => {
  const channel = new Channel<number>();
  assert.throws(() => channel.put(1, 1), QueueFull);
  const killed = spawn(() => channel.put(2));
  const patient = spawn(() => channel.put(3));
  sleep(0);
  killed.kill();
  assert.equal(channel.get(), 3);
  patient.join();
  assert.throws(() => channel.get(0), QueueEmpty);
});

test('shutting a Channel down ends all who wait, but not what was handed over before', () => {
  const channel = new Channel<number>();
  const getters = [spawn(() => channel.get()), spawn(() => channel.get())];
  sleep(0);
  channel.put(1);
  channel.shutdown();
  assert.equal(getters[0]?.get(), 1);
  assert.throws(() => getters[1]?.get(), QueueShutDown);
  for (const call of [() => channel.get(), () => channel.getNowait(), () => channel.put(1), () => channel.putNowait(1)])
    assert.throws(call, QueueShutDown);
  const other = new Channel<number>();
  const putter = spawn(() => other.put(1));
  sleep(0);
  other.shutdown();
  assert.throws(() => putter.get(), QueueShutDown);
  assert.deepEqual([...other], []);
});

test('undefined and null are items like any other', () => {
  for (const queue of [new Queue<unknown>(1), new LifoQueue<unknown>(1), new PriorityQueue<unknown>(1)]) {
    for (const item of [undefined, null]) {
      queue.put(item);
      assert.equal(queue.size, 1);
      const putter = spawn(() => queue.put(item));
      sleep(0);
      assert.equal(queue.get(), item);
      assert.equal(queue.get(), item);
      putter.join();
      const getter = spawn(() => queue.get());
      sleep(0);
      queue.put(item);
      assert.equal(getter.get(), item);
    }
  }
});

test('a kill that comes before the item is put leaves it to others', () => {
  const queue = new Queue<number>();
  const getter: Greenlet<number> = spawn(() => queue.get());
  sleep(0);
  getter.kill(undefined, { block: false });
  queue.put(1);
  assert.equal(queue.size, 1);
  assert.throws(() => getter.get(), GreenletExit);
});

testOnMain('on the main stack puts and gets that need not wait work, and serve greenlets', async () => {
  const queue = new Queue<number>(1);
  queue.put(1);
  assert.equal(queue.get(), 1);
  assert.throws(() => queue.get(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  queue.put(2);
  assert.throws(() => queue.put(3), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.equal(queue.size, 1);
  const done = new Event();
  const putter = spawn(() => {
    queue.put(4);
    done.set();
  });
  await new Promise(setImmediate);
  assert.equal(queue.getNowait(), 2);
  await putter.toPromise();
  assert.equal(done.isSet, true);
  assert.equal(queue.getNowait(), 4);
});
