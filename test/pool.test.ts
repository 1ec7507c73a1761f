import assert from 'node:assert/strict';
import {
  Greenlet,
  GreenletExit,
  getCurrent,
  getHub,
  joinAll,
  shield,
  sleep,
  spawn,
  spawnRaw,
  Timeout,
} from 'greenlets';
import { Event } from 'greenlets/event';
import { Group, Pool } from 'greenlets/pool';
import { test, testOnMain } from './support/leaks.ts';

/** What the hub reports while `body` runs, and for the two turns of the event loop after. */
function reportedDuring(body: () => void): unknown[] {
  const reported: unknown[] = [];
  const listener = (_: unknown, error: unknown): number => reported.push(error);
  getHub().on('error', listener);
  try {
    body();
    for (let turn = 0; turn < 4; turn++) spawn(() => new Promise(setImmediate)).join();
  } finally {
    getHub().off('error', listener);
  }
  return reported;
}

const fail = (message: string): never => {
  throw new Error(message);
};

for (const [name, make] of Object.entries({ Group: () => new Group(), Pool: () => new Pool(10) })) {
  test(`${name}: members leave when they end, in whatever way`, () => {
    const group = make();
    const go = new Event();
    const members = [
      group.spawn(() => go.wait()),
      group.spawn({ name: 'named' }, (a: number) => (go.wait(), a), 5),
      group.spawn(() => sleep(1e6)),
    ];
    assert.equal(group.size, 3);
    assert.deepEqual(
      [...group].map((member) => member.id),
      members.map((member) => member.id),
    );
    assert.equal(members[1]?.name, 'named');
    assert.equal(group.has(members[0] as Greenlet), true);
    members[2]?.kill();
    assert.equal(group.size, 2);
    go.set();
    assert.equal(members[1]?.get(), 5);
    assert.equal(group.join(), true);
    assert.equal(group.size, 0);
    assert.equal(group.has(members[0] as Greenlet), false);
  });

  test(`${name}: add takes one in that runs already, discard lets it go, start starts it`, () => {
    const group = make();
    const running = spawn(() => sleep(1e6));
    group.add(running);
    group.add(running);
    assert.equal(group.size, 1);
    group.discard(running);
    group.discard(running);
    assert.equal(group.size, 0);
    assert.equal(group.join(), true, 'it is no member: nothing to wait for');
    running.kill();
    const fresh = new Greenlet(() => 'ran');
    group.start(fresh);
    assert.equal(fresh.get(), 'ran');
    group.add(fresh);
    assert.equal(group.size, 0, 'it has ended');
    assert.throws(() => group.add({} as never), /TypeError.*\{\}/);
    assert.throws(() => group.add(spawnRaw(() => {}) as never), TypeError);
  });

  test(`${name}: join waits for all, and throws the first failure once all have ended`, () => {
    const group = make();
    const log: string[] = [];
    group.spawn(() => {
      sleep(2);
      log.push('slow');
    });
    group.spawn(() => fail('first'));
    group.spawn(() => {
      sleep(0);
      fail('second');
    });
    assert.throws(() => group.join(), /first/);
    assert.deepEqual(log, ['slow']);
    assert.equal(group.join(), true, 'thrown once');
    group.spawn(() => fail('quiet'));
    assert.equal(group.join({ raiseError: false }), true);
    group.spawn(() => sleep(1e6)).kill();
    assert.equal(group.join(), true, 'a kill is no failure');
  });

  test(`${name}: join returns false when the time is over; a failure comes with the join that ends later`, () => {
    const group = make();
    const go = new Event();
    group.spawn(() => {
      go.wait();
      fail('late');
    });
    assert.equal(group.join({ timeout: 1 }), false);
    go.set();
    sleep(0);
    assert.equal(group.size, 0);
    assert.throws(() => group.join(), /late/);
  });

  test(`${name}: join throws what has failed before, in the same turn of the event loop`, () => {
    const group = make();
    const reported = reportedDuring(() => {
      group.spawn(() => fail('early'));
      sleep(0);
      assert.equal(group.size, 0);
      assert.throws(() => group.join(), /early/);
    });
    assert.deepEqual(reported, []);
  });

  test(`${name}: two joins both throw`, () => {
    const group = make();
    group.spawn(() => {
      sleep(0);
      fail('once');
    });
    const joins = [spawn(() => group.join()), spawn(() => group.join())];
    for (const join of joins) assert.throws(() => join.get(), /once/);
  });

  test(`${name}: a failure that no join asks for is reported, like any other`, () => {
    const group = make();
    const messages = reportedDuring(() => {
      group.spawn(() => fail('alone'));
      sleep(0);
    }).map((error) => (error as Error).message);
    assert.deepEqual(messages, ['alone']);
    assert.equal(group.join(), true, 'told already');
    const after = reportedDuring(() => {
      group.spawn(() => fail('after a join'));
      sleep(0);
    });
    assert.equal(after.length, 1);
  });

  test(`${name}: a failure that somebody has taken care of is not thrown by a later join`, () => {
    const group = make();
    const member = group.spawn(() => fail('handled'));
    assert.throws(() => member.get(), /handled/);
    assert.equal(group.join(), true);
  });

  test(`${name}: kill ends all members, persistently, and waits for them`, () => {
    const group = make();
    const log: string[] = [];
    group.spawn(() => {
      for (let i = 0; i < 3; i++) {
        try {
          sleep(1e6);
        } catch {
          log.push('again');
        }
      }
    });
    const unstarted = group.spawn(() => log.push('never'));
    sleep(0);
    const doomed = group.spawn(() => log.push('never'));
    assert.equal(group.kill(), true);
    assert.deepEqual(log, ['never', 'again', 'again', 'again']);
    assert.equal(unstarted.successful, true);
    assert.equal(doomed.killed, true);
    assert.equal(group.kill(), true, 'nobody is left');
  });

  test(`${name}: kill with an error of one’s own, without waiting, and with a time`, () => {
    const group = make();
    const failure = new Error('own');
    const member = group.spawn(() => sleep(1e6));
    sleep(0);
    assert.equal(group.kill(failure, { block: false }), false);
    assert.throws(
      () => member.get(),
      (error) => error === failure,
    );
    const hold = new Event();
    group.spawn(() => {
      try {
        sleep(1e6);
      } finally {
        try {
          hold.wait();
        } catch {
          const until = performance.now() + 5;
          while (performance.now() < until);
        }
      }
    });
    sleep(0);
    assert.equal(group.kill(undefined, { timeout: 0 }), false);
    assert.equal(group.kill(), true);
    assert.throws(() => group.kill('text' as never), /TypeError.*text/);
  });

  test(`${name}: those who come while it is killed are killed as well; afterwards it is as before`, () => {
    const group = make();
    const mayEnd = new Event();
    group.spawn(() => shield(() => mayEnd.wait()));
    sleep(0);
    const killers = [spawn(() => group.kill()), spawn(() => group.kill())];
    sleep(0);
    const late = group.spawn(() => 'must not run');
    mayEnd.set();
    joinAll(killers);
    assert.equal(late.killed, true);
    assert.equal(group.spawn(() => 'runs').get(), 'runs');
  });

  test(`${name}: a member that kills its group ends with the others, persistently`, () => {
    const group = make();
    let raised = 0;
    const other = group.spawn(() => sleep(1e6));
    const self = group.spawn(() => {
      try {
        group.kill();
      } catch (error) {
        assert.ok(error instanceof GreenletExit);
        raised++;
      }
      try {
        sleep(1);
      } catch {
        raised++;
      }
    });
    joinAll([self, other]);
    assert.equal(raised, 2);
    assert.equal(other.killed, true);
  });

  test(`${name}: map gives results in the order of the items`, () => {
    const group = make();
    const ms = [3, 1, 2];
    assert.deepEqual(
      group.map((n) => {
        sleep(n);
        return n * 10;
      }, ms),
      [30, 10, 20],
    );
    assert.deepEqual(
      group.map((n) => n, new Set([1, 2])),
      [1, 2],
    );
    assert.deepEqual(
      group.map(async (n: number) => n + 1, [1]),
      [2],
    );
    assert.deepEqual(
      group.map(() => 1, []),
      [],
    );
  });

  test(`${name}: map throws the failure of the first item that has one; the others run on`, () => {
    const group = make();
    const done: number[] = [];
    const reported = reportedDuring(() => {
      assert.throws(
        () =>
          group.map(
            (n) => {
              sleep(n);
              return n > 1 ? fail(`item ${n}`) : done.push(n);
            },
            [1, 3, 2],
          ),
        /item 3/,
      );
    });
    assert.deepEqual(done, [1]);
    assert.deepEqual(reported, [], 'map has observed all');
    assert.throws(() => group.map(fail, {} as never), /TypeError.*iterable.*\{\}/);
    assert.throws(() => group.map(5 as never, []), /TypeError.*function.*5/);
    const broken = function* (): Generator<number> {
      yield 1;
      fail('items');
    };
    assert.throws(() => group.map((n) => n, broken()), /items/);
    group.join();
  });

  test(`${name}: mapAsync and applyAsync do not wait: greenlets of the results`, () => {
    const group = make();
    const mapped = group.mapAsync((n) => n + 1, [1, 2]);
    const applied = group.applyAsync((a: number, b: number) => a + b, 3, 4);
    assert.equal(applied.ready, false);
    assert.deepEqual(mapped.get(), [2, 3]);
    assert.equal(applied.get(), 7);
    assert.throws(() => group.mapAsync(5 as never, []), /TypeError/);
    assert.throws(() => group.mapAsync(fail, 5 as never), /TypeError.*5/);
    assert.throws(() => group.applyAsync(5 as never), /TypeError.*5/);
  });

  test(`${name}: apply waits for the result; inside a member it runs inline`, () => {
    const group = make();
    assert.equal(
      group.apply((a: number) => a + 1, 1),
      2,
    );
    assert.throws(() => group.apply(fail, 'applied'), /applied/);
    assert.equal(
      group.apply(() => {
        const outer = getCurrent();
        return group.apply(() => getCurrent() === outer);
      }),
      true,
    );
    assert.equal(
      group.apply(() => group.apply(async () => 'awaited')),
      'awaited',
      'an async function inline as well',
    );
  });

  test(`${name}: an error that waits is raised before map and apply have had any effect`, () => {
    const group = make();
    let calls = 0;
    const doomed = spawn(() => {
      const self = getCurrent() as Greenlet;
      const woken = new Event();
      spawn(() => {
        woken.set();
        for (let i = 0; i < 2; i++) self.kill(undefined, { block: false });
      });
      woken.wait();
      assert.throws(() => group.map(() => calls++, [1, 2]), GreenletExit);
      assert.throws(() => group.apply(() => calls++), GreenletExit);
    });
    doomed.get();
    sleep(0);
    assert.equal(calls, 0);
  });

  test(`${name}: onError observes the members and is told of each failure`, () => {
    const seen: [unknown, Greenlet][] = [];
    const onError = (error: unknown, greenlet: Greenlet): void => {
      sleep(0); // it may block
      seen.push([error, greenlet]);
    };
    const group = name === 'Group' ? new Group({ onError }) : new Pool(3, { onError });
    let member: Greenlet | undefined;
    const reported = reportedDuring(() => {
      member = group.spawn(() => fail('told')) as Greenlet;
      group.spawn(() => sleep(1e6)).kill();
      sleep(0);
    });
    assert.deepEqual(reported, []);
    assert.deepEqual(
      seen.map(([error, greenlet]) => [(error as Error).message, greenlet === member]),
      [['told', true]],
    );
    assert.equal(group.join(), true);
  });

  test(`${name}: an error waits for join and kill too`, () => {
    const group = make();
    const doomed = spawn(() => {
      const self = getCurrent() as Greenlet;
      const woken = new Event();
      spawn(() => {
        woken.set();
        for (let i = 0; i < 2; i++) self.kill(undefined, { block: false });
      });
      woken.wait();
      assert.throws(() => group.join(), GreenletExit);
      assert.throws(() => group.kill(), GreenletExit);
    });
    doomed.get();
  });
}

test('bad input is refused with the value', () => {
  assert.throws(() => new Pool(-1), /RangeError.*-1/);
  assert.throws(() => new Pool(1.5), /RangeError.*1\.5/);
  assert.throws(() => new Pool('3' as never), /TypeError.*'3'/);
  assert.throws(() => new Group({ onError: 5 as never }), /TypeError.*5/);
  assert.throws(() => new Pool(1).spawn(5 as never), /TypeError.*5/);
  const pool = new Pool(1);
  assert.throws(() => pool.spawn({}, 5 as never), TypeError);
  assert.equal(pool.freeCount, 1);
});

test('a pool runs no more than its limit at a time; spawn waits, first in first out', () => {
  const pool = new Pool(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const spawners = [0, 1, 2, 3, 4].map((i) =>
    spawn(() =>
      pool.spawn(() => {
        order.push(i);
        most = Math.max(most, ++running);
        sleep(1);
        running--;
      }),
    ),
  );
  joinAll(spawners);
  pool.join();
  assert.equal(most, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test('limit, freeCount, full and waitAvailable', () => {
  const pool = new Pool(2);
  assert.deepEqual([pool.limit, pool.freeCount, pool.full], [2, 2, false]);
  assert.equal(pool.waitAvailable(), true);
  const members = [pool.spawn(() => sleep(1e6)), pool.spawn(() => sleep(1e6))];
  assert.deepEqual([pool.freeCount, pool.full, pool.size], [0, true, 2]);
  assert.equal(pool.waitAvailable(0), false);
  assert.equal(pool.waitAvailable(1), false);
  const waiting = spawn(() => pool.waitAvailable());
  sleep(0);
  members[0]?.kill();
  assert.equal(waiting.get(), true);
  assert.deepEqual([pool.freeCount, pool.full], [1, false], 'waitAvailable takes nothing');
  pool.kill();
  const unlimited = new Pool();
  assert.deepEqual([unlimited.full, unlimited.waitAvailable(0)], [false, true]);
});

test('a slot is free as soon as its member has ended, in whatever way', () => {
  const pool = new Pool(1);
  pool.spawn(() => 1).join();
  assert.equal(pool.freeCount, 1);
  pool.spawn(() => sleep(1e6)).kill();
  assert.equal(pool.freeCount, 1);
  assert.throws(() => pool.spawn(() => fail('x')).get(), /x/);
  assert.equal(pool.freeCount, 1);
  const hard = pool.spawn(() => sleep(1e6));
  sleep(0);
  hard.kill(undefined, { hard: true });
  assert.equal(pool.freeCount, 1);
  const discarded = pool.spawn(() => sleep(1e6));
  pool.discard(discarded);
  assert.equal(pool.freeCount, 1);
  pool.discard(discarded);
  assert.equal(pool.freeCount, 1, 'the slot of one who is no member is not freed');
  discarded.kill();
  assert.equal(pool.freeCount, 1);
});

test('a slot goes to whoever waited first; one that gives up is passed over', () => {
  const pool = new Pool(1);
  const first = pool.spawn(() => sleep(1e6));
  const log: string[] = [];
  const spawners = ['a', 'b', 'c'].map((name) => spawn(() => pool.spawn(() => log.push(name))));
  sleep(0);
  spawners[0]?.kill();
  assert.throws(() => Timeout.run(1, () => pool.spawn(() => log.push('never'))), Timeout);
  first.kill();
  assert.equal(pool.full, true, 'the slot is b’s');
  joinAll(spawners);
  pool.join();
  assert.deepEqual(log, ['b', 'c']);
  assert.equal(pool.freeCount, 1);
});

test('Pool(0) is always full', () => {
  const pool = new Pool(0);
  assert.equal(pool.full, true);
  assert.throws(() => Timeout.run(1, () => pool.spawn(() => 1)), Timeout);
  assert.equal(pool.waitAvailable(1), false);
  assert.equal(pool.join(), true);
});

test('add and start wait for a slot as spawn does, and take one only once', () => {
  const pool = new Pool(1);
  const first = pool.spawn(() => sleep(1e6));
  const other = spawn(() => sleep(1e6));
  const adders = [spawn(() => pool.add(other)), spawn(() => pool.add(other))];
  sleep(0);
  assert.equal(pool.size, 1);
  first.kill();
  adders[0]?.join();
  assert.deepEqual([pool.size, pool.freeCount], [1, 0]);
  pool.add(other); // a member already: no slot is needed
  other.kill();
  joinAll(adders);
  assert.deepEqual([pool.size, pool.freeCount], [0, 1]);
  const held = pool.spawn(() => sleep(1e6));
  const ends = new Greenlet(() => 1);
  const adder = spawn(() => pool.add(ends));
  sleep(0);
  ends.start();
  ends.join();
  held.kill();
  adder.join();
  assert.deepEqual([pool.size, pool.freeCount], [0, 1], 'one that ended meanwhile takes no slot');
});

test('applyAsync never waits, not even for room', () => {
  const pool = new Pool(1);
  const blocker = pool.spawn(() => sleep(1e6));
  const applied = pool.applyAsync(() => 'later');
  const failed = pool.applyAsync(() => fail('later'));
  sleep(0);
  assert.equal(applied.ready, false);
  blocker.kill();
  assert.equal(applied.get(), 'later');
  assert.throws(() => failed.get(), /later/);
  const room = new Pool(1).applyAsync(() => 'at once');
  assert.equal(room.get(), 'at once');
});

test('applyAsync gives the greenlet that runs the function, full or not: killing it ends the call', () => {
  const pool = new Pool(1);
  const blocker = pool.spawn(() => sleep(0));
  let ended = false;
  const applied = pool.applyAsync(() => {
    try {
      sleep(1e6);
    } finally {
      ended = true;
    }
  });
  const unwanted = pool.applyAsync(() => assert.fail('killed before'));
  blocker.join();
  while (!pool.has(applied)) sleep(0);
  sleep(0);
  unwanted.kill();
  applied.kill();
  assert.equal(ended, true);
  assert.equal(pool.join(), true);
  assert.equal(pool.freeCount, 1);
});

test('applyAsync: a call that is killed before there is room stands in nobody’s way', () => {
  const pool = new Pool(0);
  const applied = pool.applyAsync(() => assert.fail('there is no room'));
  sleep(0);
  assert.equal(pool.join({ timeout: 0 }), false);
  applied.kill();
  assert.equal(pool.join({ timeout: 1000 }), true);
});

test('a spawn that gives up waiting for a slot is not killed by its signal later: nobody knows of it', () => {
  const pool = new Pool(0);
  const controller = new AbortController();
  const spawner = spawn(() => pool.spawn({ signal: controller.signal }, () => assert.fail('there is no room')));
  sleep(0);
  spawner.kill();
  assert.deepEqual(
    reportedDuring(() => controller.abort()),
    [],
  );
});

testOnMain('on the main stack map, apply and imap, which would have to wait, start nothing', () => {
  for (const group of [new Group(), new Pool(2)]) {
    const started = (): never => assert.fail('started');
    const cannotBlock = { code: 'ERR_GREENLETS_CANNOT_BLOCK' };
    assert.throws(() => group.map(started, [1, 2]), cannotBlock);
    assert.throws(() => group.apply(started), cannotBlock);
    assert.throws(() => group.imap(started, [1]).next(), cannotBlock);
    assert.throws(() => group.imapUnordered(started, [1]).next(), cannotBlock);
    assert.equal(group.size, 0);
    assert.deepEqual(group.map(started, []), []);
  }
  assert.equal(getHub().stats.ready, 0);
});

test('applyAsync is no blocking call: an error that waits is left for the next one', () => {
  const pool = new Pool(1);
  const doomed = spawn(() => {
    const self = getCurrent() as Greenlet;
    const woken = new Event();
    spawn(() => {
      woken.set();
      self.kill(undefined, { block: false });
    });
    woken.wait();
    const applied = pool.applyAsync(() => 1);
    assert.throws(() => sleep(0), GreenletExit);
    return applied.get();
  });
  assert.equal(doomed.get(), 1);
});

test('join of a pool waits for those as well who wait for a slot', () => {
  const pool = new Pool(1);
  const log: string[] = [];
  spawn(() => {
    for (let i = 0; i < 3; i++) {
      pool.spawn(() => {
        sleep(1);
        log.push(`job ${i}`);
      });
    }
  });
  sleep(0);
  assert.equal(pool.join(), true);
  assert.deepEqual(log, ['job 0', 'job 1', 'job 2']);
});

test('join returns when the last one who waits for a slot gives up', () => {
  const pool = new Pool(1);
  pool.spawn(() => sleep(2));
  const spawner = spawn(() => {
    const unwilling = new Pool(0);
    const joiner = spawn(() => unwilling.join());
    Timeout.run(5, () => unwilling.spawn(() => 1), false);
    return joiner.get();
  });
  assert.equal(pool.join(), true);
  assert.equal(spawner.get(), true);
});

test('a pool that is killed while a greenlet spawns without end lets others run meanwhile', () => {
  const pool = new Pool(1);
  let spawned = 0;
  const spawner = spawn(() => {
    for (;;) {
      pool.spawn(() => sleep(1e6));
      spawned++;
    }
  });
  sleep(0);
  assert.equal(pool.kill(undefined, { timeout: 5 }), false, 'the spawner goes on');
  assert.ok(spawned > 1);
  spawner.kill();
  assert.equal(pool.kill(), true);
});

testOnMain('on the main stack spawn works while there is room, and kill does not wait', async () => {
  const pool = new Pool(1);
  const member = pool.spawn(() => sleep(1e6));
  assert.throws(() => pool.spawn(() => 1), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  assert.equal(pool.size, 1);
  assert.equal(pool.join({ timeout: 0 }), false);
  await new Promise(setImmediate);
  assert.equal(pool.kill(), false);
  await assert.rejects(member.toPromise(), GreenletExit);
  assert.equal(pool.join(), true);
  assert.equal(pool.freeCount, 1);
});
