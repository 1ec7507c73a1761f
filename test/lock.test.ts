import assert from 'node:assert/strict';
import { GreenletExit, getHub, joinAll, sleep, spawn, Timeout, wait, waitReady } from 'greenlets';
import { Event } from 'greenlets/event';
import { BoundedSemaphore, Condition, GreenletError, Lock, RLock, Semaphore } from 'greenlets/lock';
import { test, testOnMain } from './support/leaks.ts';

type Exclusive = Semaphore | Lock | RLock | Condition;

const makers: Record<string, () => Exclusive> = {
  Semaphore: () => new Semaphore(),
  BoundedSemaphore: () => new BoundedSemaphore(),
  Lock: () => new Lock(),
  RLock: () => new RLock(),
  Condition: () => new Condition(),
};

for (const [name, make] of Object.entries(makers)) {
  test(`${name}: acquire, tryAcquire, release, locked`, () => {
    const lock = make();
    assert.equal(lock.locked, false);
    assert.equal(lock.acquire(), true);
    assert.equal(lock.locked, true);
    const others = spawn(() => [lock.tryAcquire(), lock.acquire(0), lock.acquire(1)]);
    assert.deepEqual(others.get(), [false, false, false]);
    lock.release();
    assert.equal(lock.locked, false);
    assert.equal(lock.tryAcquire(), true);
    lock.release();
  });

  test(`${name}: use holds it while the function runs, and releases it however that ends`, () => {
    const lock = make();
    assert.equal(
      lock.use(() => {
        assert.equal(lock.locked, true);
        return 'result';
      }),
      'result',
    );
    assert.throws(() => lock.use(() => assert.fail('inside')), /inside/);
    const killed = spawn(() => lock.use(() => sleep(1e6)));
    sleep(0);
    assert.equal(lock.locked, true);
    killed.kill();
    assert.equal(lock.locked, false);
    assert.throws(() => lock.use(5 as never), /TypeError.*5/);
    assert.equal(lock.locked, false);
  });

  test(`${name}: hold releases it at the end of the block, once`, () => {
    const lock = make();
    {
      using _held = lock.hold();
      assert.equal(lock.locked, true);
    }
    assert.equal(lock.locked, false);
    const held = lock.hold();
    held[Symbol.dispose]();
    held[Symbol.dispose]();
    assert.equal(lock.locked, false);
  });

  test(`${name}: what is released goes to whoever waited first, and nobody can barge in`, () => {
    const lock = make();
    const log: string[] = [];
    lock.acquire();
    const waiters = ['a', 'b', 'c'].map((who) => spawn(() => lock.use(() => log.push(who))));
    sleep(0);
    waiters[1]?.kill();
    lock.release();
    assert.equal(lock.locked, true, 'it is a’s');
    assert.equal(spawn(() => lock.tryAcquire()).get(), false);
    joinAll(waiters);
    assert.deepEqual(log, ['a', 'c']);
    assert.equal(lock.locked, false);
  });

  test(`${name}: one that was handed over is the waiter’s, killed in the same turn or not`, () => {
    const lock = make();
    lock.acquire();
    const log: string[] = [];
    const first = spawn(() => {
      lock.acquire();
      try {
        log.push('first has it');
        sleep(0);
      } finally {
        lock.release();
      }
    });
    const second = spawn(() => lock.use(() => log.push('second')));
    sleep(0);
    lock.release();
    first.kill();
    second.join();
    assert.deepEqual([log, first.killed], [['first has it', 'second'], true]);
  });
}

test('a semaphore counts its permits; release gives n back and says how many are free', () => {
  const semaphore = new Semaphore(3);
  assert.equal(semaphore.counter, 3);
  semaphore.acquire();
  semaphore.acquire();
  assert.deepEqual([semaphore.counter, semaphore.locked], [1, false]);
  assert.equal(semaphore.release(2), 3);
  assert.equal(semaphore.release(), 4, 'an unbounded one may have more than it began with');
  assert.equal(new Semaphore(0).locked, true);
  assert.equal(new Semaphore(0).release(1e15), 1e15, 'however many at once');
});

test('release(n) serves n waiters, first in first out, and keeps the rest', () => {
  const semaphore = new Semaphore(0);
  const log: number[] = [];
  const waiters = [0, 1, 2].map((i) => spawn(() => log.push(Number(semaphore.acquire()) * i)));
  sleep(0);
  assert.equal(semaphore.release(2), 0);
  sleep(0);
  assert.deepEqual(log, [0, 1]);
  assert.equal(semaphore.release(3), 2);
  joinAll(waiters);
  assert.deepEqual(log, [0, 1, 2]);
});

test('Semaphore.wait waits for a free permit, and takes none', () => {
  const semaphore = new Semaphore(0);
  assert.equal(semaphore.wait(0), false);
  assert.equal(semaphore.wait(1), false);
  const waiters = [spawn(() => semaphore.wait()), spawn(() => semaphore.wait()), spawn(() => wait(semaphore))];
  sleep(0);
  semaphore.release();
  assert.deepEqual(
    waiters.map((waiter) => waiter.get()),
    [true, true, true],
  );
  assert.equal(semaphore.counter, 1);
  assert.equal(semaphore.wait(), true);
  assert.deepEqual(waitReady([semaphore]), [semaphore]);
});

test('who only wants to know takes no permit from who wants one', () => {
  const semaphore = new Semaphore(0);
  const looker = spawn(() => semaphore.wait());
  const taker = spawn(() => semaphore.acquire());
  sleep(0);
  semaphore.release();
  assert.deepEqual([looker.get(), taker.get(), semaphore.counter], [true, true, 0]);
});

test('a bounded semaphore refuses to be released above what it began with, and is unchanged', () => {
  const semaphore = new BoundedSemaphore(2);
  const refused = { name: 'GreenletError', code: 'ERR_GREENLETS_OVER_RELEASE' };
  assert.throws(() => semaphore.release(), refused);
  semaphore.acquire();
  assert.throws(() => semaphore.release(2), refused);
  assert.equal(semaphore.counter, 1);
  assert.equal(semaphore.release(), 2);
  semaphore.acquire();
  semaphore.acquire();
  const waiter = spawn(() => semaphore.acquire());
  sleep(0);
  assert.equal(semaphore.release(), 0, 'handed over');
  assert.equal(waiter.get(), true);
  assert.equal(semaphore.release(2), 2);
});

test('bad permits are refused with the value, and nothing changes', () => {
  for (const Kind of [Semaphore, BoundedSemaphore]) {
    for (const value of [-1, 0.5, Number.NaN]) assert.throws(() => new Kind(value), new RegExp(`RangeError.*${value}`));
    assert.throws(() => new Kind('2' as never), /TypeError.*'2'/);
    const semaphore = new Kind(2);
    semaphore.acquire();
    for (const n of [0, -1, 1.5]) assert.throws(() => semaphore.release(n), new RegExp(`RangeError.*${n}`));
    assert.throws(() => semaphore.release('1' as never), /TypeError.*'1'/);
    assert.equal(semaphore.counter, 1);
  }
});

test('a free Lock cannot be released; any greenlet may release a held one', () => {
  const lock = new Lock();
  assert.throws(() => lock.release(), { name: 'GreenletError', code: 'ERR_GREENLETS_NOT_LOCKED' });
  lock.acquire();
  spawn(() => lock.release()).get();
  assert.equal(lock.locked, false);
  assert.throws(() => lock.release(), GreenletError);
});

test('an RLock may be acquired again by its owner, and is free when it was released as often', () => {
  const lock = new RLock();
  assert.equal(lock.acquire(), true);
  assert.equal(lock.acquire(), true);
  assert.equal(lock.tryAcquire(), true);
  assert.equal(lock.acquire(0), true);
  const other = spawn(() => lock.acquire());
  for (let i = 0; i < 4; i++) {
    sleep(0);
    assert.equal(other.ready, false);
    lock.release();
  }
  assert.equal(other.get(), true);
});

test('only its owner may release an RLock, and only as often as it acquired it', () => {
  const lock = new RLock();
  assert.throws(() => lock.release(), { name: 'GreenletError', code: 'ERR_GREENLETS_NOT_LOCKED' });
  lock.acquire();
  const foreign = spawn(() => lock.release());
  assert.throws(() => foreign.get(), { name: 'GreenletError', code: 'ERR_GREENLETS_NOT_OWNER' });
  assert.equal(lock.locked, true);
  lock.release();
  assert.throws(() => lock.release(), GreenletError);
  const handed = spawn(() => lock.use(() => sleep(0)));
  lock.acquire();
  sleep(0);
  lock.release();
  assert.throws(() => lock.release(), { code: 'ERR_GREENLETS_NOT_OWNER' }, 'it was handed over');
  handed.join();
});

for (const [name, make] of Object.entries({ Lock: makers.Lock, RLock: makers.RLock, Condition: makers.Condition })) {
  test(`${name}: it is broken when its owner was ended by force: for who waits, and for who comes later`, () => {
    const lock = (make as () => Exclusive)();
    const owner = spawn(() => {
      lock.acquire();
      sleep(1e6);
    });
    const waiter = spawn(() => lock.acquire());
    sleep(0);
    owner.kill(undefined, { hard: true });
    const broken = { name: 'GreenletError', code: 'ERR_GREENLETS_BROKEN_LOCK' };
    assert.throws(() => waiter.get(), broken);
    assert.throws(() => lock.acquire(), broken);
    assert.throws(() => lock.acquire(1), broken);
    assert.throws(() => lock.tryAcquire(), broken);
    assert.throws(() => lock.use(() => assert.fail('must not run')), broken);
    assert.throws(() => lock.release(), broken, 'and it cannot be freed');
  });
}

test('a lock handed to one that is then ended by force before its turn is broken as well', () => {
  const lock = new Lock();
  lock.acquire();
  const victim = spawn(() => lock.acquire());
  const next = spawn(() => lock.acquire());
  sleep(0);
  lock.release();
  victim.kill(undefined, { hard: true, block: false });
  assert.throws(() => next.get(), { code: 'ERR_GREENLETS_BROKEN_LOCK' });
});

test('a lock whose owner was ended by force while it held nothing is whole', () => {
  const lock = new Lock();
  const owner = spawn(() => {
    lock.use(() => {});
    sleep(1e6);
  });
  sleep(0);
  owner.kill(undefined, { hard: true });
  assert.equal(lock.acquire(1), true);
});

test('a waiter of a broken condition that waits to be notified is told as well', () => {
  const condition = new Condition();
  const sleeper = spawn(() => condition.use(() => condition.wait()));
  sleep(0);
  const owner = spawn(() => {
    condition.acquire();
    sleep(1e6);
  });
  sleep(0);
  owner.kill(undefined, { hard: true });
  assert.throws(() => sleeper.get(), { code: 'ERR_GREENLETS_BROKEN_LOCK' });
});

test('Condition: wait frees the lock and holds it again when it returns', () => {
  const condition = new Condition();
  const log: string[] = [];
  const waiter = spawn(() => {
    condition.acquire();
    log.push('waits');
    assert.equal(condition.wait(), true);
    log.push('notified');
    condition.notify(); // the lock is held: allowed
    condition.release();
  });
  sleep(0);
  condition.acquire();
  log.push('notifies');
  condition.notify();
  sleep(0);
  log.push('still holds it');
  condition.release();
  waiter.join();
  assert.deepEqual(log, ['waits', 'notifies', 'still holds it', 'notified']);
  assert.equal(condition.locked, false);
});

test('Condition: notify(n) wakes those n who waited longest, notifyAll all; nobody who comes later', () => {
  const condition = new Condition();
  const woken: number[] = [];
  const waiters = [0, 1, 2, 3].map((i) => spawn(() => condition.use(() => (condition.wait(), woken.push(i)))));
  sleep(0);
  condition.use(() => condition.notify(0));
  condition.use(() => condition.notify());
  sleep(0);
  assert.deepEqual(woken, [0]);
  condition.use(() => condition.notify(2));
  for (let i = 0; i < 4; i++) sleep(0);
  assert.deepEqual(woken, [0, 1, 2]);
  condition.use(() => condition.notifyAll());
  joinAll(waiters);
  assert.deepEqual(woken, [0, 1, 2, 3]);
  condition.use(() => {
    condition.notify(5);
    condition.notifyAll();
    assert.equal(condition.wait(1), false, 'those were not kept');
  });
});

test('Condition: a wait whose time is over returns false, with the lock held, and takes no notification', () => {
  const condition = new Condition();
  condition.acquire();
  assert.equal(condition.wait(0), false);
  assert.equal(condition.wait(1), false);
  assert.throws(() => spawn(() => condition.release()).get(), { code: 'ERR_GREENLETS_NOT_OWNER' });
  condition.release();
  const impatient = spawn(() => condition.use(() => condition.wait(1)));
  const patient = spawn(() => condition.use(() => condition.wait()));
  assert.equal(impatient.get(), false);
  condition.use(() => condition.notify());
  assert.equal(patient.get(), true);
});

test('Condition: a killed wait holds the lock again before the kill goes on', () => {
  const condition = new Condition();
  const log: string[] = [];
  const waiter = spawn(() => {
    condition.acquire();
    try {
      condition.wait();
    } finally {
      log.push('in finally');
      condition.release(); // would throw if it were not held
    }
  });
  sleep(0);
  condition.acquire();
  waiter.kill(undefined, { block: false });
  waiter.kill(undefined, { block: false });
  sleep(0);
  assert.deepEqual(log, [], 'it waits for the lock');
  condition.release();
  waiter.join();
  assert.deepEqual([log, waiter.killed, condition.locked], [['in finally'], true, false]);
});

test('Condition: a foreign timeout passes through wait, with the lock held', () => {
  const lock = new Lock();
  const condition = new Condition(lock);
  condition.acquire();
  const timeout = Timeout.start(1);
  assert.throws(
    () => condition.wait(),
    (error) => error === timeout,
  );
  assert.equal(lock.locked, true);
  condition.release();
});

test('Condition: its lock is an RLock of its own, or the one given; all levels are freed and taken again', () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  condition.acquire();
  lock.acquire();
  const notifier = spawn(() => lock.use(() => condition.notify()));
  assert.equal(condition.wait(), true);
  notifier.get();
  condition.release();
  assert.equal(lock.locked, true);
  lock.release();
  assert.equal(lock.locked, false);
  const own = new Condition();
  own.acquire();
  own.acquire();
  own.release();
  own.release();
  for (const bad of [5, {}, new Semaphore(), null]) assert.throws(() => new Condition(bad as never), /TypeError/);
});

test('Condition: wait, notify and notifyAll need the lock held by the caller', () => {
  const condition = new Condition();
  const refused = { name: 'GreenletError', code: 'ERR_GREENLETS_NOT_OWNER' };
  const calls = [
    () => condition.wait(),
    () => condition.wait(0),
    () => condition.notify(),
    () => condition.notifyAll(),
  ];
  for (const call of calls) assert.throws(call, refused);
  condition.acquire();
  for (const call of calls) assert.throws(() => spawn(call).get(), refused);
  for (const n of [-1, 1.5]) assert.throws(() => condition.notify(n), new RegExp(`RangeError.*${n}`));
  condition.release();
});

test('Condition: an error that waits is raised before the lock is freed', () => {
  const condition = new Condition();
  const woken = new Event();
  const doomed = spawn(() => {
    condition.acquire();
    woken.wait();
    assert.throws(() => condition.wait(), GreenletExit);
    condition.release();
  });
  const other = spawn(() => condition.acquire());
  sleep(0);
  woken.set();
  doomed.kill(undefined, { block: false });
  doomed.get();
  assert.equal(other.get(), true);
});

test('none of them can be waited for with wait, but the semaphores', () => {
  for (const lock of [new Lock(), new RLock()]) assert.throws(() => wait(lock), /TypeError.*lock\.acquire\(\)/);
  assert.throws(() => wait(new Condition()), /TypeError.*condition\.wait\(\)/);
});

testOnMain('on the main stack a free lock can be taken and released; a held one throws at once', async () => {
  for (const make of Object.values(makers)) {
    const lock = make();
    assert.equal(lock.acquire(), true);
    const waiter = spawn(() => {
      lock.acquire();
      lock.release();
      return 'served';
    });
    await new Promise(setImmediate);
    lock.release();
    assert.equal(await waiter.toPromise(), 'served');
    assert.equal(
      lock.use(() => 1),
      1,
    );
    const done = new Event();
    const holder = spawn(() => lock.use(() => done.wait()));
    await new Promise(setImmediate);
    assert.throws(() => lock.acquire(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
    assert.equal(lock.tryAcquire(), false);
    assert.equal(lock.acquire(0), false);
    done.set();
    await holder.toPromise();
    assert.equal(lock.locked, false);
  }
  assert.equal(getHub().stats.blocked, 0);
});
