/** What every call that waits promises, whatever it waits for. */
import assert from 'node:assert/strict';
import {
  all,
  type Greenlet,
  GreenletExit,
  getCurrent,
  getHub,
  iwait,
  killAll,
  run,
  select,
  sleep,
  spawn,
  spawnRaw,
  Timeout,
  wait,
} from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { BoundedSemaphore, Condition, Lock, RLock, RWLock, Semaphore } from 'greenlets/lock';
import { Group, Pool } from 'greenlets/pool';
import { Channel, JoinableQueue, LifoQueue, PriorityQueue, Queue, QueueEmpty, QueueFull } from 'greenlets/queue';
import { test, testOnMain } from './support/leaks.ts';

type TimeoutLike = number | null | undefined | AbortSignal;

/** One thing to wait for; made so that `call` has to wait. */
interface Subject {
  call(timeout?: TimeoutLike): unknown;
  /** Lets one caller through, one that waits or the next. */
  release(): void;
  /** What `call` does when its time is over: returns false, or throws this. */
  expires: false | (new (...args: never[]) => Error);
  /** Ends what the subject itself has running. */
  end?(): unknown;
}

/** A greenlet that holds something until it is told to let go. */
function holder(take: () => void, give: () => void): { letGo(): void; end(): void } {
  const go = new Event();
  const greenlet = spawn(() => {
    take();
    go.wait();
    give();
  });
  sleep(0);
  return {
    letGo: () => {
      go.set();
      greenlet.join();
    },
    end: () => greenlet.kill(),
  };
}

function heldLock(lock: { acquire(timeout?: TimeoutLike): boolean; release(): void }): Subject {
  const { letGo, end } = holder(
    () => lock.acquire(),
    () => lock.release(),
  );
  return { call: (timeout) => lock.acquire(timeout), release: letGo, expires: false, end };
}

function sleeper(): { greenlet: Greenlet<string>; event: Event } {
  const event = new Event();
  const greenlet = spawn(() => {
    event.wait();
    return 'done';
  });
  return { greenlet, event };
}

function full<Q extends { put(item: number): void }>(queue: Q): Q {
  queue.put(0);
  return queue;
}

const subjects: Record<string, () => Subject> = {
  'Event.wait': () => {
    const event = new Event();
    return { call: (timeout) => event.wait(timeout), release: () => event.set(), expires: false };
  },
  'wait(Event)': () => {
    const event = new Event();
    return { call: (timeout) => wait(event, timeout), release: () => event.set(), expires: Timeout };
  },
  'select(Event)': () => {
    const event = new Event();
    return { call: (timeout) => select([event], timeout), release: () => event.set(), expires: Timeout };
  },
  'AsyncResult.get': () => {
    const result = new AsyncResult<number>();
    return { call: (timeout) => result.get(timeout), release: () => result.set(1), expires: Timeout };
  },
  'AsyncResult.wait': () => {
    const result = new AsyncResult<number>();
    return { call: (timeout) => result.wait(timeout), release: () => result.set(1), expires: false };
  },
  'Greenlet.get': () => {
    const { greenlet, event } = sleeper();
    return { call: (t) => greenlet.get(t), release: () => event.set(), expires: Timeout, end: () => greenlet.kill() };
  },
  'Greenlet.join': () => {
    const { greenlet, event } = sleeper();
    return { call: (t) => greenlet.join(t), release: () => event.set(), expires: false, end: () => greenlet.kill() };
  },
  'all([Greenlet])': () => {
    const { greenlet, event } = sleeper();
    return {
      call: (t) => all([greenlet], t),
      release: () => event.set(),
      expires: Timeout,
      end: () => greenlet.kill(),
    };
  },
  'Semaphore.acquire': () => {
    const semaphore = new Semaphore(0);
    return { call: (timeout) => semaphore.acquire(timeout), release: () => semaphore.release(), expires: false };
  },
  'Semaphore.wait': () => {
    const semaphore = new Semaphore(0);
    return { call: (timeout) => semaphore.wait(timeout), release: () => semaphore.release(), expires: false };
  },
  'BoundedSemaphore.acquire': () => {
    const semaphore = new BoundedSemaphore(1);
    semaphore.acquire();
    return { call: (timeout) => semaphore.acquire(timeout), release: () => semaphore.release(), expires: false };
  },
  'Lock.acquire': () => heldLock(new Lock()),
  'RLock.acquire': () => heldLock(new RLock()),
  'Condition.acquire': () => heldLock(new Condition()),
  'Queue.get': () => {
    const queue = new Queue<number>();
    return { call: (timeout) => queue.get(timeout), release: () => queue.put(1), expires: QueueEmpty };
  },
  'Queue.peek': () => {
    const queue = new Queue<number>();
    return { call: (timeout) => queue.peek(timeout), release: () => queue.put(1), expires: QueueEmpty };
  },
  'Queue.put': () => {
    const queue = full(new Queue<number>(1));
    return { call: (timeout) => queue.put(1, timeout), release: () => void queue.get(), expires: QueueFull };
  },
  'select(Queue.onGet)': () => {
    const queue = new Queue<number>();
    return { call: (timeout) => select([queue.onGet()], timeout), release: () => queue.put(1), expires: Timeout };
  },
  'select(Queue.onPut)': () => {
    const queue = full(new Queue<number>(1));
    return { call: (timeout) => select([queue.onPut(1)], timeout), release: () => void queue.get(), expires: Timeout };
  },
  'LifoQueue.get': () => {
    const queue = new LifoQueue<number>();
    return { call: (timeout) => queue.get(timeout), release: () => queue.put(1), expires: QueueEmpty };
  },
  'PriorityQueue.put': () => {
    const queue = full(new PriorityQueue<number>(1));
    return { call: (timeout) => queue.put(1, timeout), release: () => void queue.get(), expires: QueueFull };
  },
  'JoinableQueue.join': () => {
    const queue = full(new JoinableQueue<number>());
    return { call: (timeout) => queue.join(timeout), release: () => queue.taskDone(), expires: false };
  },
  'Channel.get': () => {
    const channel = new Channel<number>();
    const putters: Greenlet<void>[] = [];
    return {
      call: (timeout) => channel.get(timeout),
      release: () => {
        putters.push(spawn(() => channel.put(1)));
        sleep(0);
      },
      expires: QueueEmpty,
      end: () => killAll(putters),
    };
  },
  'Channel.put': () => {
    const channel = new Channel<number>();
    const getters: Greenlet<number>[] = [];
    return {
      call: (timeout) => channel.put(1, timeout),
      release: () => {
        getters.push(spawn(() => channel.get()));
        sleep(0);
      },
      expires: QueueFull,
      end: () => killAll(getters),
    };
  },
  'Group.join': () => {
    const group = new Group();
    const event = new Event();
    group.spawn(() => event.wait());
    return {
      call: (timeout) => group.join({ timeout }),
      release: () => event.set(),
      expires: false,
      end: () => group.kill(),
    };
  },
  'Pool.waitAvailable': () => {
    const pool = new Pool(1);
    const event = new Event();
    pool.spawn(() => event.wait());
    return {
      call: (timeout) => pool.waitAvailable(timeout),
      release: () => {
        event.set();
        pool.join();
      },
      expires: false,
      end: () => pool.kill(),
    };
  },
  'wait(promise)': () => {
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    return { call: (timeout) => wait(promise, timeout), release: () => resolve(), expires: Timeout };
  },
};

/** Subjects where an AbortSignal, a foreign Timeout … can be tried on a call that takes no timeout. */
const untimed: Record<string, () => Omit<Subject, 'expires'>> = {
  'RWLock.write': () => {
    const lock = new RWLock();
    const go = new Event();
    const reader = spawn(() => lock.read(() => go.wait()));
    sleep(0);
    return { call: () => lock.write(() => 1), release: () => go.set(), end: () => reader.kill() };
  },
  'Pool.spawn': () => {
    const pool = new Pool(1);
    const event = new Event();
    pool.spawn(() => event.wait());
    return { call: () => pool.spawn(() => 1), release: () => event.set(), end: () => pool.kill() };
  },
  sleep: () => ({ call: () => sleep(1e6), release: () => {} }),
};

/** Calls that one `release` lets through one at a time, first in first out. */
const ONE_AT_A_TIME = /acquire|Queue\.get|Queue\.put|onGet|onPut|Channel/;

function ended(subject: Omit<Subject, 'expires'>, body: () => void): void {
  try {
    body();
  } finally {
    subject.end?.();
  }
}

for (const [name, make] of Object.entries({ ...subjects, ...untimed })) {
  test(`${name}: a foreign timeout passes through, as itself`, () => {
    const subject = make();
    ended(subject, () => {
      using timeout = Timeout.start(1);
      assert.throws(
        () => subject.call(),
        (error) => error === timeout,
      );
    });
  });

  test(`${name}: a kill ends the wait`, () => {
    const subject = make();
    ended(subject, () => {
      const waiter = spawn(() => subject.call());
      sleep(0);
      assert.equal(waiter.kill(), true);
      assert.equal(waiter.killed, true);
    });
  });

  test(`${name}: a persistent kill is raised again and again`, () => {
    const subject = make();
    ended(subject, () => {
      let raised = 0;
      const waiter = spawn(() => {
        for (let i = 0; i < 3; i++) {
          try {
            subject.call();
          } catch (error) {
            assert.ok(error instanceof GreenletExit);
            raised++;
          }
        }
      });
      sleep(0);
      assert.equal(waiter.kill(undefined, { persistent: true }), true);
      assert.equal(raised, 3);
    });
  });
}

for (const [name, make] of Object.entries(subjects)) {
  test(`${name}: its own timeout`, () => {
    const subject = make();
    ended(subject, () => {
      for (const timeout of [0, 1]) {
        if (subject.expires === false) assert.equal(subject.call(timeout), false);
        else assert.throws(() => subject.call(timeout), subject.expires);
      }
    });
  });

  test(`${name}: bad timeouts are refused with the value`, () => {
    const subject = make();
    ended(subject, () => {
      assert.throws(() => subject.call(-1), /RangeError.*-1/);
      assert.throws(() => subject.call(Number.NaN), /RangeError.*NaN/);
      assert.throws(() => subject.call('5' as never), /TypeError.*'5'/);
    });
  });

  test(`${name}: an AbortSignal ends the wait with its reason`, () => {
    const subject = make();
    ended(subject, () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      const waiter = spawn(() => subject.call(controller.signal));
      sleep(0);
      controller.abort(reason);
      assert.throws(
        () => waiter.get(),
        (error) => error === reason,
      );
      assert.throws(
        () => subject.call(controller.signal),
        (error) => error === reason,
        'an aborted one at once',
      );
    });
  });

  test(`${name}: a wait cut short leaves no trace`, () => {
    const subject = make();
    ended(subject, () => {
      const cut = [
        spawn(() => subject.call()),
        spawn(() => subject.call(1)),
        spawn(() => Timeout.run(1, () => subject.call())),
      ];
      for (const greenlet of cut) greenlet.rawLink(() => {});
      sleep(0);
      cut[0]?.kill();
      for (const greenlet of cut) greenlet.join();
      const patient = spawn(() => subject.call());
      sleep(0);
      subject.release();
      assert.equal(patient.join(1000), true);
      assert.equal(patient.successful, true);
    });
  });

  test(`${name}: works when it need not wait, unless an error waits already`, () => {
    const subject = make();
    ended(subject, () => {
      subject.release();
      if (name === 'wait(promise)') sleep(0);
      const doomed = spawn(() => {
        const self = getCurrent() as Greenlet;
        const woken = new Event();
        spawn(() => {
          woken.set();
          self.kill(undefined, { block: false });
        });
        assert.equal(woken.wait(), true, 'it was woken first: the result comes first');
        assert.throws(() => subject.call(), GreenletExit);
        return subject.call(name === 'wait(promise)' ? null : 0);
      });
      doomed.get();
      assert.equal(doomed.successful, true);
    });
  });

  test(`${name}: works in raw greenlets`, () => {
    const subject = make();
    ended(subject, () => {
      const through = new Event();
      spawnRaw(() => {
        subject.call();
        through.set();
      });
      sleep(0);
      assert.equal(through.isSet, false);
      subject.release();
      assert.equal(through.wait(1000), true);
    });
  });

  if (ONE_AT_A_TIME.test(name)) {
    test(`${name}: first in, first out`, () => {
      const subject = make();
      const order: number[] = [];
      const waiters = [0, 1, 2, 3].map((i) =>
        spawn(() => {
          subject.call();
          order.push(i);
        }),
      );
      sleep(0);
      waiters[1]?.kill();
      if (/^(Lock|RLock|Condition)/.test(name)) {
        subject.release();
        sleep(0);
        assert.deepEqual(order, [0], 'it is the first one’s alone');
        for (const waiter of waiters) waiter.kill();
      } else {
        for (let i = 0; i < 3; i++) subject.release();
        for (const waiter of waiters) waiter.join();
        assert.deepEqual(order, [0, 2, 3]);
      }
      subject.end?.();
    });
  }

  testOnMain(`${name}: on the main stack it throws where it would have to wait, and leaves no trace`, async () => {
    const subject = await run(make);
    assert.throws(() => subject.call(), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
    if (subject.expires === false) assert.equal(subject.call(0), false);
    else assert.throws(() => subject.call(0), subject.expires);
    await run(() => subject.release());
    if (name !== 'wait(promise)') assert.doesNotThrow(() => subject.call());
    await run(() => subject.end?.());
  });
}

test('every waitable is ready for iwait when it is for wait', () => {
  const event = new Event();
  const result = new AsyncResult<number>();
  const semaphore = new Semaphore(0);
  const greenlet = spawn(() => 1);
  const promise = Promise.resolve(2);
  const objects = [event, result, semaphore, greenlet, promise];
  spawn(() => {
    semaphore.release();
    sleep(0);
    result.set(3);
    sleep(0);
    event.set();
  });
  const order = [...iwait<object>(objects)];
  assert.equal(order.length, objects.length);
  assert.ok(order.indexOf(semaphore) < order.indexOf(result));
  assert.ok(order.indexOf(result) < order.indexOf(event));
  assert.equal(getHub().stats.alive >= 1, true);
});
