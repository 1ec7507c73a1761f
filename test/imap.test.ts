import assert from 'node:assert/strict';
import { type Greenlet, GreenletExit, getCurrent, getHub, sleep, spawn, Timeout } from 'greenlets';
import { Event } from 'greenlets/event';
import { Group, Pool } from 'greenlets/pool';
import { Queue } from 'greenlets/queue';
import { VirtualClock } from 'greenlets/testing';
import { test } from './support/leaks.ts';

/** Items that say how many were pulled, and whether the source was closed. */
class Source implements Iterable<number> {
  pulled = 0;
  closed = false;
  readonly #count: number;
  constructor(count: number) {
    this.#count = count;
  }
  *[Symbol.iterator](): Generator<number> {
    try {
      while (this.pulled < this.#count) yield this.pulled++;
    } finally {
      this.closed = true;
    }
  }
}

const settle = (): void => {
  for (let i = 0; i < 10; i++) sleep(0);
};

test('imap yields in the order of the items, imapUnordered as results come', () => {
  using _clock = new VirtualClock();
  const work = (ms: number): number => {
    sleep(ms);
    return ms * 2;
  };
  for (const group of [new Group(), new Pool(), new Pool(3)]) {
    assert.deepEqual([...group.imap(work, [3, 1, 2])], [6, 2, 4]);
    assert.deepEqual([...group.imapUnordered(work, [3, 1, 2])], [2, 4, 6]);
    assert.deepEqual([...group.imap(work, [])], []);
    assert.deepEqual([...group.imapUnordered(work, [])], []);
  }
  const one = new Pool(1);
  assert.deepEqual([...one.imap(work, [3, 1, 2])], [6, 2, 4]);
  assert.deepEqual([...one.imapUnordered(work, [3, 1, 2])], [6, 2, 4]);
});

test('async functions are waited for', () => {
  assert.deepEqual([...new Group().imap(async (n: number) => n + 1, [1, 2])], [2, 3]);
});

for (const ordered of [true, false]) {
  const name = ordered ? 'imap' : 'imapUnordered';
  const start = <R>(group: Group, fn: (n: number) => R, items: Iterable<number>, maxsize?: number) =>
    group[name](fn, items, maxsize === undefined ? undefined : { maxsize });

  test(`${name}: nothing is pulled or started before the first next()`, () => {
    const source = new Source(5);
    start(new Pool(2), (n) => n, source);
    settle();
    assert.equal(source.pulled, 0);
  });

  test(`${name}: no more than maxsize items are started, or pulled, beyond the results consumed`, () => {
    for (const [pool, maxsize, most] of [
      [new Pool(10), 2, 2],
      [new Pool(2), undefined, 2],
      [new Group(), 3, 3],
      [new Pool(3), 10, 10],
    ] as const) {
      const source = new Source(30);
      let started = 0;
      const results = start(
        pool,
        (n) => {
          started++;
          return n;
        },
        source,
        maxsize,
      );
      for (let consumed = 1; consumed <= 30; consumed++) {
        assert.equal(results.next().done, false);
        settle();
        assert.ok(started <= consumed + most, `${started} started, ${consumed} consumed`);
        assert.ok(source.pulled <= consumed + most, `${source.pulled} pulled, ${consumed} consumed`);
        assert.ok(started === 30 || started >= consumed + Math.min(most, pool instanceof Pool ? pool.limit : most));
      }
      assert.equal(results.next().done, true);
      assert.equal(results.next().done, true);
      assert.equal(source.closed, true);
    }
  });

  test(`${name}: an error is raised at the place of its item, and next() goes on after it`, () => {
    const results = start(
      new Pool(1),
      (n) => {
        if (n === 1) throw new Error('one');
        return n;
      },
      [0, 1, 2],
    );
    assert.deepEqual(results.next(), { done: false, value: 0 });
    assert.throws(() => results.next(), /one/);
    assert.deepEqual(results.next(), { done: false, value: 2 });
    assert.deepEqual(results.next(), { done: true, value: undefined });
  });

  test(`${name}: an endless source is fine`, () => {
    function* numbers(): Generator<number> {
      for (let n = 0; ; n++) yield n;
    }
    for (const group of [new Pool(2), new Group(), new Pool()]) {
      const seen: number[] = [];
      for (const n of start(group, (n) => n * n, numbers())) {
        seen.push(n);
        if (seen.length === 5) break;
      }
      assert.deepEqual(seen, [0, 1, 4, 9, 16]);
      group.kill();
    }
  });

  test(`${name}: leaving the loop closes the source, and leaves nobody blocked`, () => {
    const source = new Source(100);
    for (const n of start(new Pool(2), (n) => n, source)) if (n === 3) break;
    settle();
    assert.equal(source.closed, true);
    assert.ok(source.pulled < 10);
    const early = new Source(5);
    start(new Pool(2), (n) => n, early).return?.();
    assert.equal(early.pulled, 0);
  });

  test(`${name}: an error that ends the loop leaves nobody blocked`, () => {
    const { alive } = getHub().stats;
    assert.throws(() => {
      for (const _ of start(new Pool(2), () => assert.fail('item'), new Source(100)));
    }, /item/);
    settle();
    assert.equal(getHub().stats.alive, alive);
  });

  test(`${name}: the failure of the items themselves is raised where they end`, () => {
    function* items(): Generator<number> {
      yield 1;
      yield 2;
      throw new Error('no more');
    }
    const results = start(new Pool(5), (n) => n, items());
    assert.equal(results.next().value, 1);
    assert.equal(results.next().value, 2);
    assert.throws(() => results.next(), /no more/);
    assert.equal(results.next().done, true);
  });

  test(`${name}: the source may block, and is closed when the loop is left meanwhile`, () => {
    const queue = new Queue<number>();
    const results = start(new Pool(2), (n) => n + 1, queue);
    spawn(() => {
      queue.put(1);
      sleep(0);
      queue.put(2);
    });
    assert.equal(results.next().value, 2);
    assert.equal(results.next().value, 3);
    assert.throws(() => Timeout.run(1, () => results.next()), Timeout);
    results.return?.();
    settle();
    queue.put(9);
    assert.equal(queue.size, 1, 'nobody waits for items any more');
    assert.equal(results.next().done, true);
  });

  test(`${name}: a next() that is cut short loses no result`, () => {
    const go = new Event();
    const results = start(new Pool(2), (n) => (go.wait(), n), [1, 2, 3]);
    assert.throws(() => Timeout.run(1, () => results.next()), Timeout);
    const killed = spawn(() => results.next());
    sleep(0);
    killed.kill();
    go.set();
    assert.deepEqual([...results], [1, 2, 3]);
  });

  test(`${name}: two greenlets may share one iterator: each result goes to one`, () => {
    const results = start(new Pool(2), (n) => (sleep(1), n), new Source(10));
    const take = (): number[] => [...results];
    const halves = [spawn(take), spawn(take)].map((greenlet) => greenlet.get());
    assert.deepEqual(
      halves.flat().sort((a, b) => a - b),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  for (const room of [1, 0]) {
    test(`${name}: one who waits in next() with ${room} slots free comes to the end when it is closed`, () => {
      const pool = new Pool(1);
      const go = new Event();
      if (room === 0) pool.spawn(() => go.wait());
      const results = start(pool, (n) => n, [1, 2, 3], 1);
      const waiter = spawn(() => results.next());
      if (room === 0) settle();
      else sleep(0);
      results.return?.();
      assert.deepEqual(waiter.get(1000), { done: true, value: undefined });
      go.set();
      settle();
    });
  }

  test(`${name}: an error that waits is raised before anything is started`, () => {
    const source = new Source(5);
    const doomed = spawn(() => {
      const self = getCurrent() as Greenlet;
      const woken = new Event();
      spawn(() => {
        woken.set();
        self.kill(undefined, { block: false });
      });
      woken.wait();
      const results = start(new Pool(2), (n) => n, source);
      assert.throws(() => results.next(), GreenletExit);
      assert.equal(source.pulled, 0);
      return results.next().value;
    });
    assert.equal(doomed.get(), 0);
    settle();
  });

  test(`${name}: a kill that comes when the result is there loses nothing`, () => {
    const pool = new Pool(1);
    const results = start(pool, (n) => n, [0, 1]);
    const doomed = spawn(() => results.next().value);
    while (pool.size === 0) sleep(0);
    for (const member of pool) member.rawLink(() => doomed.kill(undefined, { block: false }));
    assert.equal(doomed.get(), 0);
    assert.deepEqual([...results], [1]);
  });

  test(`${name}: bad input is refused with the value`, () => {
    const pool = new Pool(2);
    assert.throws(() => start(pool, 5 as never, []), /TypeError.*function.*5/);
    assert.throws(() => start(pool, (n) => n, 5 as never), /TypeError.*iterable.*5/);
    assert.throws(() => start(pool, (n) => n, [], 0), /RangeError.*0/);
    assert.throws(() => start(pool, (n) => n, [], 1.5), /RangeError.*1\.5/);
    assert.throws(() => start(pool, (n) => n, [], '2' as never), /TypeError.*'2'/);
    assert.throws(() => pool[name]((n) => n, [], 2 as never), /TypeError.*options.*2/);
    assert.deepEqual([...pool[name]((n: number) => n, [1], { maxsize: null })], [1]);
  });
}

test('a killed member’s place raises its GreenletExit', () => {
  const pool = new Pool(2);
  const results = pool.imap((n: number) => (n === 0 ? sleep(1e6) : n), [0, 1]);
  spawn(() => {
    sleep(0);
    sleep(0);
    for (const member of pool) member.kill();
  });
  assert.throws(() => results.next(), GreenletExit);
  assert.equal(results.next().value, 1);
});
