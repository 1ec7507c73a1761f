import assert from 'node:assert/strict';
import { GreenletExit, joinAll, sleep, spawn, Timeout, wait } from 'greenlets';
import { Event } from 'greenlets/event';
import { Barrier, RateLimiter, RWLock } from 'greenlets/lock';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

test('Barrier: the last of its parties lets all go on, each with a number of its own; then it begins anew', () => {
  const barrier = new Barrier(3);
  for (let round = 0; round < 3; round++) {
    const others = [spawn(() => barrier.wait()), spawn(() => barrier.wait())];
    sleep(0);
    assert.equal(barrier.waiting, 2);
    assert.ok(others.every((greenlet) => !greenlet.ready));
    const mine = barrier.wait();
    const indices = [mine, ...others.map((greenlet) => greenlet.get())];
    assert.deepEqual(indices.sort(), [0, 1, 2]);
    assert.equal(barrier.waiting, 0);
  }
  assert.equal(new Barrier(1).wait(), 0);
});

test('Barrier: one whose wait is cut short is not counted', () => {
  const barrier = new Barrier(2);
  assert.equal(barrier.wait(0), false);
  assert.equal(barrier.wait(1), false);
  const killed = spawn(() => barrier.wait());
  sleep(0);
  killed.kill();
  const first = spawn(() => barrier.wait());
  sleep(0);
  assert.equal(first.ready, false);
  barrier.wait();
  first.get();
});

test('Barrier: a round that is complete is not undone by a kill in the same turn', () => {
  const barrier = new Barrier(2);
  const first = spawn(() => {
    barrier.wait();
    return 'through';
  });
  sleep(0);
  barrier.wait();
  first.kill(undefined, { block: false });
  assert.equal(first.get(), 'through');
});

test('Barrier: bad parties are refused with the value', () => {
  for (const parties of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => new Barrier(parties), new RegExp(`RangeError.*${parties}`));
  }
  assert.throws(() => new Barrier('2' as never), /TypeError.*'2'/);
  assert.throws(() => wait(new Barrier(1)), /TypeError.*barrier\.wait\(\)/);
});

test('RWLock: many read together, one writes alone', () => {
  const lock = new RWLock();
  let reading = 0;
  let writing = 0;
  let mostReading = 0;
  const read = (): void => {
    lock.read(() => {
      assert.equal(writing, 0);
      mostReading = Math.max(mostReading, ++reading);
      sleep(1);
      reading--;
    });
  };
  const write = (): void => {
    lock.write(() => {
      assert.equal(reading + writing, 0);
      writing++;
      sleep(1);
      writing--;
    });
  };
  joinAll([read, read, write, read, write, write, read, read, read].map((work) => spawn(work)));
  assert.equal(mostReading, 3);
  assert.deepEqual([lock.readers, lock.writing], [0, false]);
});

test('RWLock: read and write return what their function returns, and free it however that ends', () => {
  const lock = new RWLock();
  assert.deepEqual([lock.read(() => 'r'), lock.write(() => 'w')], ['r', 'w']);
  assert.throws(() => lock.read(() => assert.fail('reader')), /reader/);
  assert.throws(() => lock.write(() => assert.fail('writer')), /writer/);
  for (const mode of ['read', 'write'] as const) {
    const killed = spawn(() => lock[mode](() => sleep(1e6)));
    sleep(0);
    assert.deepEqual([lock.readers, lock.writing], mode === 'read' ? [1, false] : [0, true]);
    killed.kill();
    assert.deepEqual([lock.readers, lock.writing], [0, false]);
    assert.throws(() => lock[mode](5 as never), /TypeError.*5/);
  }
});

test('RWLock: a writer is not starved: readers that come after it wait behind it', () => {
  const lock = new RWLock();
  const log: string[] = [];
  const go = new Event();
  const all = [
    spawn(() => lock.read(() => (go.wait(), log.push('reader 1')))),
    spawn(() => lock.write(() => log.push('writer'))),
    spawn(() => lock.read(() => log.push('reader 2'))),
    spawn(() => lock.read(() => log.push('reader 3'))),
  ];
  sleep(0);
  assert.equal(lock.readers, 1);
  go.set();
  joinAll(all);
  assert.deepEqual(log, ['reader 1', 'writer', 'reader 2', 'reader 3']);
});

test('RWLock: who reads may read again, though a writer waits', () => {
  const lock = new RWLock();
  const go = new Event();
  const log: string[] = [];
  const reader = spawn(() => lock.read(() => (go.wait(), lock.read(() => log.push('read again')))));
  sleep(0);
  const writer = spawn(() => lock.write(() => log.push('written')));
  sleep(0);
  go.set();
  joinAll([reader, writer]);
  assert.deepEqual(log, ['read again', 'written']);
});

test('RWLock: what would wait for itself is refused, and changes nothing', () => {
  const lock = new RWLock();
  const nested = { name: 'GreenletError', code: 'ERR_GREENLETS_NESTED_LOCK' };
  lock.read(() => {
    assert.throws(() => lock.write(() => assert.fail('upgraded')), nested);
    assert.deepEqual([lock.readers, lock.writing], [1, false]);
  });
  lock.write(() => {
    assert.throws(() => lock.read(() => assert.fail('read')), nested);
    assert.throws(() => lock.write(() => assert.fail('written twice')), nested);
    assert.deepEqual([lock.readers, lock.writing], [0, true]);
  });
  assert.equal(
    lock.write(() => 1),
    1,
  );
});

test('RWLock: readers behind a writer that gives up go on at once', () => {
  const lock = new RWLock();
  const go = new Event();
  const first = spawn(() => lock.read(() => go.wait()));
  const writers = [
    spawn(() => lock.write(() => assert.fail('killed'))),
    spawn(() => Timeout.run(1, () => lock.write(() => assert.fail('timed out')), false)),
  ];
  const second = spawn(() => lock.read(() => 'read'));
  sleep(0);
  assert.equal(second.ready, false);
  writers[0]?.kill();
  writers[1]?.join();
  assert.equal(second.get(), 'read');
  go.set();
  first.join();
  assert.equal(
    lock.write(() => 'free'),
    'free',
  );
});

test('RWLock: one that was let in holds it, killed in the same turn or not', () => {
  const lock = new RWLock();
  const go = new Event();
  const reader = spawn(() => lock.read(() => go.wait()));
  const log: string[] = [];
  const writer = spawn(() =>
    lock.write(() => {
      log.push('writer is in');
      sleep(0);
      log.push('never');
    }),
  );
  const next = spawn(() => lock.write(() => log.push('next')));
  sleep(0);
  go.set();
  reader.join();
  assert.equal(lock.writing, true);
  writer.kill();
  next.join();
  assert.deepEqual([log, writer.killed], [['writer is in', 'next'], true]);
});

for (const mode of ['read', 'write'] as const) {
  test(`RWLock: it is broken when one in ${mode}() was ended by force: for who waits, and for who comes later`, () => {
    const lock = new RWLock();
    const holder = spawn(() => lock[mode](() => sleep(1e6)));
    const waiter = spawn(() => lock.write(() => assert.fail('must not run')));
    sleep(0);
    holder.kill(undefined, { hard: true });
    const broken = { name: 'GreenletError', code: 'ERR_GREENLETS_BROKEN_LOCK' };
    assert.throws(() => waiter.get(), broken);
    assert.throws(() => lock.write(() => assert.fail('must not run')), broken);
  });
}

test('RateLimiter: n at once, then each when the window has moved on; first in, first out', () => {
  using clock = new VirtualClock();
  const limiter = new RateLimiter(2, 100);
  const times: [number, number][] = [];
  const begun = clock.now();
  joinAll(
    [0, 1, 2, 3, 4].map((i) =>
      spawn(() => {
        assert.equal(limiter.acquire(), true);
        times.push([i, clock.now() - begun]);
      }),
    ),
  );
  assert.deepEqual(times, [
    [0, 0],
    [1, 0],
    [2, 100],
    [3, 100],
    [4, 200],
  ]);
});

test('RateLimiter: never more than n in any stretch of the window', () => {
  using clock = new VirtualClock();
  const limiter = new RateLimiter(3, 50);
  const times: number[] = [];
  joinAll(
    Array.from({ length: 20 }, (_, i) =>
      spawn(() => {
        sleep((i * 37) % 90);
        limiter.use(() => times.push(clock.now()));
      }),
    ),
  );
  times.sort((a, b) => a - b);
  for (let i = 3; i < times.length; i++) assert.ok((times[i] as number) - (times[i - 3] as number) >= 50);
});

test('RateLimiter: one who gives up uses nothing', () => {
  using clock = new VirtualClock();
  const limiter = new RateLimiter(1, 100);
  assert.equal(limiter.tryAcquire(), true);
  assert.equal(limiter.tryAcquire(), false);
  assert.equal(limiter.acquire(0), false);
  assert.equal(limiter.acquire(10), false);
  const killed = spawn(() => limiter.acquire());
  const patient = spawn(() => (limiter.acquire(), clock.now()));
  sleep(0);
  killed.kill();
  assert.equal(patient.get(), 100);
  sleep(100);
  assert.equal(limiter.tryAcquire(), true);
});

test('RateLimiter: the window stays where it is when the clock is replaced', () => {
  const limiter = new RateLimiter(1, 60_000);
  assert.equal(limiter.tryAcquire(), true);
  {
    using _clock = new VirtualClock();
    assert.equal(limiter.acquire(50_000), false);
    assert.equal(limiter.acquire(10_000), true);
  }
  assert.equal(limiter.tryAcquire(), false);
});

test('RateLimiter: nobody barges in before who waits already', () => {
  using _clock = new VirtualClock();
  const limiter = new RateLimiter(1, 10);
  limiter.acquire();
  const log: string[] = [];
  const waiting = spawn(() => (limiter.acquire(), log.push('first')));
  sleep(0);
  sleep(9.9);
  assert.equal(limiter.tryAcquire(), false);
  const late = spawn(() => (limiter.acquire(), log.push('late')));
  joinAll([waiting, late]);
  assert.deepEqual(log, ['first', 'late']);
});

test('RateLimiter: use returns what its function returns, and its failure uses the turn up', () => {
  using _clock = new VirtualClock();
  const limiter = new RateLimiter(1, 10);
  assert.equal(
    limiter.use(() => 5),
    5,
  );
  assert.throws(() => limiter.use(() => assert.fail('inside')), /inside/);
  assert.equal(limiter.tryAcquire(), false);
  assert.throws(() => limiter.use(5 as never), /TypeError.*5/);
});

test('RateLimiter: bad input is refused with the value', () => {
  for (const n of [0, -1, 1.5]) assert.throws(() => new RateLimiter(n, 10), new RegExp(`RangeError.*${n}`));
  for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => new RateLimiter(1, ms), new RegExp(`RangeError.*${ms}`));
  }
  assert.throws(() => new RateLimiter('1' as never, 10), /TypeError.*'1'/);
  assert.throws(() => new RateLimiter(1, '10' as never), /TypeError.*'10'/);
});

test('a kill while waiting for any of them ends the wait', () => {
  const barrier = new Barrier(2);
  const limiter = new RateLimiter(1, 1e6);
  limiter.acquire();
  const rw = new RWLock();
  rw.read(() => {
    const all = [
      spawn(() => barrier.wait()),
      spawn(() => limiter.acquire()),
      spawn(() => limiter.use(() => assert.fail('must not run'))),
      spawn(() => rw.write(() => assert.fail('must not run'))),
    ];
    sleep(0);
    for (const greenlet of all) {
      greenlet.kill();
      assert.ok(greenlet.exception instanceof GreenletExit);
    }
  });
});

testOnMain('on the main stack they work where nothing has to be waited for', () => {
  const barrier = new Barrier(2);
  assert.throws(() => barrier.wait(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.equal(barrier.waiting, 0);
  const lock = new RWLock();
  assert.equal(
    lock.read(() => lock.readers),
    1,
  );
  lock.write(() => {
    assert.throws(() => lock.read(() => 1), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  });
  const limiter = new RateLimiter(1, 1e6);
  assert.equal(limiter.acquire(), true);
  assert.throws(() => limiter.acquire(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
});
