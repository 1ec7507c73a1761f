import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import {
  Greenlet,
  GreenletExit,
  getCurrent,
  getHub,
  isCancel,
  joinAll,
  killAll,
  run,
  shield,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  wait,
  waitable,
  waitEvent,
  withTimeout,
} from 'greenlets';
import { Event } from 'greenlets/event';
import { Semaphore } from 'greenlets/lock';
import { Queue } from 'greenlets/queue';
import { getCurrent as current, type RawGreenlet } from 'greenlets/raw';
import { test, testOnMain } from './support/leaks.ts';

/** A greenlet that is woken with a result and then, in the same stretch, gets `errors`: they wait for it. */
function withPending(errors: Error[], body: () => void): void {
  const greenlet = spawn(() => {
    const self = getCurrent() as Greenlet;
    const woken = new Event();
    spawn(() => {
      woken.set();
      for (const error of errors) self.kill(error, { block: false });
    });
    assert.equal(woken.wait(), true, 'the result comes first');
    body();
  });
  greenlet.get();
}

const spin = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test('states: not started, started until it ends, dead', () => {
  const greenlet = new Greenlet(() => sleep(0));
  const states = (): boolean[] => [
    greenlet.started,
    greenlet.dead,
    greenlet.ready,
    greenlet.successful,
    greenlet.killed,
  ];
  assert.deepEqual(states(), [false, false, false, false, false]);
  greenlet.start();
  assert.deepEqual(states(), [true, false, false, false, false]);
  sleep(0);
  assert.deepEqual(states(), [true, false, false, false, false]);
  greenlet.join();
  assert.deepEqual(states(), [false, true, true, true, false]);
  greenlet.start();
  assert.deepEqual(states(), [false, true, true, true, false]);
});

test('a greenlet is killed by a GreenletExit only: with another error it has failed with that', () => {
  const exit = new GreenletExit('enough');
  const killed = spawn(() => sleep(1e6));
  const failed = spawn(() => sleep(1e6));
  const error = new Error('stop');
  sleep(0);
  assert.equal(killed.kill(exit), true);
  assert.equal(failed.kill(error), true);
  assert.deepEqual([killed.killed, killed.successful, killed.exception, killed.value], [true, false, exit, undefined]);
  assert.deepEqual([failed.killed, failed.successful, failed.exception], [false, false, error]);
  for (const get of [() => killed.get(), () => wait(killed)]) assert.throws(get, (thrown) => thrown === exit);
  assert.throws(
    () => failed.get(),
    (thrown) => thrown === error,
  );
  const threw = spawn(() => {
    throw exit;
  });
  threw.join();
  assert.equal(threw.killed, true, 'one that throws it itself as well');
});

test('kill(Class) makes an instance; what is no error is refused with the value, and nothing happens', () => {
  class Stop extends GreenletExit {}
  const greenlet = spawn(() => sleep(1e6));
  sleep(0);
  for (const value of [42, 'text', null, {}]) {
    assert.throws(() => greenlet.kill(value as never), /TypeError: expected an Error, got/);
    assert.throws(() => greenlet.throw(value as never), TypeError);
  }
  assert.equal(greenlet.dead, false);
  greenlet.kill(Stop as never);
  assert.ok(greenlet.exception instanceof Stop);
});

test('killed before its first turn its function never runs: spawned, spawned later, or never started', () => {
  let ran = 0;
  const body = (): number => ran++;
  const all = [spawn(body), spawnLater(1, body), new Greenlet(body)];
  for (const greenlet of all) {
    assert.equal(greenlet.kill(), true);
    assert.deepEqual([greenlet.dead, greenlet.killed, greenlet.started], [true, true, false]);
    greenlet.start();
    greenlet.startLater(0);
    assert.throws(() => greenlet.get(), GreenletExit);
  }
  sleep(3);
  assert.equal(ran, 0);
});

test('a kill that does not wait is raised later, and throw() is one', () => {
  const log: string[] = [];
  const victim = spawn(() => {
    try {
      sleep(1e6);
    } finally {
      log.push('victim');
    }
  });
  sleep(0);
  assert.equal(victim.kill(undefined, { block: false }), false);
  log.push('killer');
  victim.join();
  assert.deepEqual(log, ['killer', 'victim']);
  const thrown = spawn(() => sleep(1e6));
  sleep(0);
  const error = new Error('thrown');
  assert.equal(thrown.throw(error), undefined);
  assert.throws(
    () => thrown.get(),
    (raised) => raised === error,
  );
});

test('killing an ended greenlet changes nothing, and is true', () => {
  const greenlet = spawn(() => 1);
  greenlet.join();
  assert.equal(greenlet.kill(), true);
  assert.equal(greenlet.kill(undefined, { block: false }), true);
  assert.deepEqual([greenlet.successful, greenlet.value], [true, 1]);
});

test('a victim that catches the error and goes on: a blocking kill goes on waiting', () => {
  const victim = spawn(() => {
    try {
      sleep(1e6);
    } catch {
      sleep(2);
    }
    return 9;
  });
  sleep(0);
  assert.equal(victim.kill(undefined, { timeout: 0 }), false);
  assert.equal(victim.kill(undefined, { timeout: 1e3 }), true);
  const other = spawn(() => {
    try {
      sleep(1e6);
    } catch {
      sleep(2);
    }
    return 9;
  });
  sleep(0);
  assert.equal(other.kill(), true);
  assert.deepEqual([other.successful, other.value], [true, 9]);
});

test('an error that waits is raised at entry of the next blocking call, before that has any effect', () => {
  const queue = new Queue<number>();
  const event = new Event();
  event.set();
  const semaphore = new Semaphore(1);
  const ended = spawn(() => 1);
  ended.join();
  const calls: (() => unknown)[] = [
    () => queue.put(1),
    () => event.wait(),
    () => semaphore.acquire(),
    () => ended.get(),
    () => ended.join(),
    () => wait(5),
    () => wait(Promise.resolve(1)),
    () => sleep(0),
    () => joinAll([ended]),
    () => ended.kill(),
    () => getHub().join(1),
  ];
  const errors = calls.map((_, i) => new GreenletExit(String(i)));
  withPending(errors, () => {
    calls.forEach((call, i) => {
      assert.throws(call, (error) => error === errors[i], `one per call, in order: ${i}`);
    });
    sleep(0);
  });
  assert.deepEqual([queue.size, semaphore.counter], [0, 1]);
});

test('wait(function) does not start anything when an error waits', () => {
  let started = false;
  withPending([new GreenletExit()], () => {
    assert.throws(
      () =>
        wait(() => {
          started = true;
          return Promise.resolve();
        }),
      GreenletExit,
    );
  });
  assert.equal(started, false);
});

test('forms that do not wait are no delivery points', () => {
  const queue = new Queue<number>(1);
  const event = new Event();
  const semaphore = new Semaphore(1);
  const asleep = spawn(() => sleep(1e6));
  withPending([new GreenletExit()], () => {
    queue.putNowait(1);
    assert.equal(queue.getNowait(), 1);
    queue.put(2, 0);
    assert.equal(queue.get(0), 2);
    assert.equal(event.wait(0), false);
    assert.equal(semaphore.acquire(0), true);
    assert.equal(semaphore.tryAcquire(), false);
    semaphore.release();
    assert.equal(asleep.join(0), false);
    assert.throws(() => asleep.get(0), Timeout);
    assert.equal(asleep.kill(undefined, { timeout: 0 }), false);
    assert.equal(asleep.kill(undefined, { block: false }), false);
    assert.throws(() => sleep(0), GreenletExit);
  });
  asleep.join();
});

test('a Timeout and a kill that wait are raised one per call, in the order in which they came', () => {
  const self = spawn(() => {
    const greenlet = getCurrent() as Greenlet;
    const timeout = Timeout.start(1);
    const exit = new GreenletExit();
    spin(3);
    setImmediate(() => greenlet.kill(exit));
    const raised: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      try {
        sleep(1e6);
      } catch (error) {
        raised.push(error);
      }
    }
    assert.deepEqual(
      raised.map((error) => error === timeout || error === exit),
      [true, true],
    );
  });
  self.get();
});

test('a target woken with a result has the result; the kill comes at its next blocking call', () => {
  const queue = new Queue<string>();
  const got: string[] = [];
  const target = spawn(() => {
    got.push(queue.get());
    got.push('not lost');
    sleep(0);
    got.push('never');
  });
  sleep(0);
  queue.put('item');
  target.kill();
  assert.deepEqual(got, ['item', 'not lost']);
});

test('killing oneself raises at once, whatever block says', () => {
  for (const block of [true, false]) {
    const log: string[] = [];
    const greenlet = spawn(() => {
      (getCurrent() as Greenlet).kill(undefined, { block });
      log.push('never');
    });
    greenlet.join();
    assert.deepEqual([log, greenlet.killed], [[], true]);
  }
  const error = new Error('own');
  const thrown = spawn(() => (getCurrent() as Greenlet).throw(error));
  assert.throws(
    () => thrown.get(),
    (raised) => raised === error,
  );
});

test('a persistent kill is raised at every blocking call until the end, in finally as well, shields excepted', () => {
  let raised = 0;
  let shielded = '';
  const victim = spawn(() => {
    try {
      sleep(1e6);
    } finally {
      try {
        sleep(0);
      } catch {
        raised++;
      }
      shielded = shield(() => {
        sleep(1);
        return 'done';
      });
      try {
        sleep(0);
      } catch {
        raised++;
      }
    }
  });
  sleep(0);
  assert.equal(victim.kill(undefined, { persistent: true }), true);
  assert.deepEqual([raised, shielded, victim.killed], [2, 'done', true]);
});

test('a persistent kill of oneself', () => {
  let raised = 0;
  const greenlet = spawn(() => {
    try {
      (getCurrent() as Greenlet).kill(undefined, { persistent: true });
    } catch {
      raised++;
    }
    try {
      sleep(0);
    } catch {
      raised++;
    }
  });
  greenlet.join();
  assert.equal(raised, 2);
});

test('dispose kills persistently, and waits for the end', () => {
  const log: string[] = [];
  {
    using _child = spawn(() => {
      for (let i = 0; i < 2; i++) {
        try {
          sleep(1e6);
        } catch {
          log.push('raised');
        }
      }
    });
    sleep(0);
  }
  assert.deepEqual(log, ['raised', 'raised']);
});

test('a hard kill runs neither catch nor finally, and its error is the exception', () => {
  const log: string[] = [];
  const body = (): void => {
    try {
      sleep(1e6);
    } catch {
      log.push('catch');
    } finally {
      log.push('finally');
    }
  };
  const error = new Error('hard');
  const [killed, failed, waiting] = [spawn(body), spawn(body), spawn(() => new Queue().get())];
  sleep(0);
  assert.equal(killed?.kill(undefined, { hard: true }), true);
  assert.equal(failed?.kill(error, { hard: true }), true);
  assert.equal(waiting?.kill(undefined, { hard: true, block: false }), false);
  waiting?.join();
  assert.deepEqual([log, killed?.killed, failed?.exception], [[], true, error]);
});

test('a hard kill leaves no waiter behind', () => {
  const queue = new Queue<number>();
  const victim = spawn(() => queue.get());
  sleep(0);
  victim.kill(undefined, { hard: true, block: false });
  queue.put(1);
  assert.equal(queue.size, 1);
  victim.join();
});

test('signal aborts when a kill is requested, whenever it was asked for', () => {
  const early = spawn(() => sleep(1e6));
  const { signal } = early;
  assert.equal(signal.aborted, false);
  assert.equal(early.signal, signal);
  sleep(0);
  const exit = new GreenletExit('now');
  early.kill(exit, { block: false });
  assert.deepEqual([signal.aborted, signal.reason], [true, exit]);
  let polled: boolean | undefined;
  const late = spawn(() => {
    const woken = new Event();
    const self = getCurrent() as Greenlet;
    spawn(() => {
      woken.set();
      self.kill(undefined, { block: false });
    });
    woken.wait();
    polled = self.signal.aborted; // code that computes looks for the first time after the kill
  });
  late.join();
  assert.equal(polled, true);
  early.join();
  assert.equal(spawn(() => (getCurrent() as Greenlet).signal.aborted).get(), false);
});

test('spawn({ signal }): a greenlet that aborts its own signal is told at its next blocking call', () => {
  const controller = new AbortController();
  let went = false;
  const other = spawn({ signal: controller.signal }, () => sleep(1e6));
  const victim = spawn({ signal: controller.signal }, () => {
    controller.abort(new GreenletExit('enough'));
    went = true;
    sleep(1e6);
  });
  assert.throws(() => victim.get(1000), /enough/);
  assert.equal(went, true);
  assert.throws(() => other.get(1000), /enough/);
});

test('many forced ends are cleared up after together: who waits for other things is not looked at for each', () => {
  let looks = 0;
  const source = {
    [waitable]: true as const,
    register: () => {},
    unregister: () => {},
    outcome: () => {},
    abandoned: () => looks++,
  };
  const waiter = spawn(() => wait(source));
  const victims = Array.from({ length: 100 }, () => spawn(() => sleep(1e6)));
  sleep(0);
  killAll(victims, undefined, { hard: true });
  sleep(0);
  assert.ok(looks >= 1 && looks < 10, `${looks} looks for 100 ends`);
  waiter.kill();
});

test('any number of greenlets may wait with one signal: it has one listener, and none afterwards', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const event = new Event();
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const waiters = [
    ...Array.from({ length: 20 }, () => spawn(() => event.wait(signal))),
    ...Array.from({ length: 20 }, () => spawn({ signal }, () => event.wait())),
    ...Array.from({ length: 20 }, () => spawn(() => waitEvent(new EventTarget(), 'x', { signal }))),
  ];
  sleep(0);
  assert.equal(listeners(), 1);
  killAll(waiters.slice(1));
  assert.equal(listeners(), 1);
  event.set();
  assert.equal(waiters[0]?.get(), true);
  assert.equal(listeners(), 0);
  const order: number[] = [];
  const late = [0, 1, 2].map((i) =>
    spawn(() => {
      try {
        new Event().wait(signal);
      } catch {
        order.push(i);
      }
    }),
  );
  sleep(0);
  controller.abort();
  joinAll(late);
  assert.deepEqual(order, [0, 1, 2]);
});

test('spawn({ signal }): its abort kills with the reason; an aborted one before the first turn', () => {
  const controller = new AbortController();
  const reason = new GreenletExit('aborted');
  const victim = spawn({ signal: controller.signal }, () => sleep(1e6));
  sleep(0);
  controller.abort(reason);
  assert.throws(
    () => victim.get(),
    (error) => error === reason,
  );
  const never = spawn({ signal: controller.signal }, () => assert.fail('must not run'));
  assert.deepEqual([never.dead, never.exception], [true, reason]);
  const failure = new Error('reason');
  const other = new AbortController();
  const failed = spawn({ signal: other.signal }, () => sleep(1e6));
  sleep(0);
  other.abort(failure);
  assert.throws(
    () => failed.get(),
    (error) => error === failure,
  );
  const ended = spawn({ signal: new AbortController().signal }, () => 1);
  assert.equal(ended.get(), 1);
  assert.throws(() => spawn({ signal: 5 as never }, () => 1), /TypeError.*AbortSignal.*5/);
});

test('killAll kills all before it waits for any, and is true when all have ended', () => {
  const log: number[] = [];
  const greenlets = [1, 2, 3].map((i) =>
    spawn(() => {
      try {
        sleep(1e6);
      } finally {
        log.push(i);
      }
    }),
  );
  const unstarted = spawn(() => log.push(4));
  const rawDone = new Event();
  const raw = spawnRaw(() => {
    try {
      sleep(1e6);
    } finally {
      rawDone.set();
    }
  });
  const rawUnstarted = spawnRaw(() => log.push(5));
  sleep(0);
  const late = spawn(() => log.push(6));
  assert.equal(killAll(new Set([...greenlets, unstarted, raw, rawUnstarted, late])), true);
  assert.deepEqual(log, [4, 5, 1, 2, 3]);
  assert.equal(rawDone.isSet, true);
  assert.equal(killAll([]), true);
});

test('killAll with an error, without waiting, and with a time', () => {
  const error = new Error('all');
  const go = new Event();
  const stubborn = spawn(() => {
    try {
      sleep(1e6);
    } catch {
      shield(() => go.wait());
    }
  });
  const plain = spawn(() => sleep(1e6));
  sleep(0);
  assert.equal(killAll([stubborn, plain], error, { timeout: 1 }), false);
  plain.join();
  assert.equal(plain.exception, error);
  assert.equal(stubborn.dead, false);
  assert.equal(killAll([stubborn], error, { block: false }), false);
  go.set();
  stubborn.join();
});

test('killAll of oneself as well is the kill of oneself: its signal aborts, and it may be persistent', () => {
  const error = new GreenletExit();
  const doomed = spawn(() => {
    const self = getCurrent() as Greenlet;
    assert.throws(() => killAll([self], error, { persistent: true }), error);
    assert.equal(self.signal.reason, error);
    assert.throws(() => sleep(0), error);
  });
  doomed.join();
  assert.equal(doomed.exception, undefined);
});

test('killAll refuses what is no greenlet before it kills any, and raises a waiting error before as well', () => {
  const asleep = spawn(() => sleep(1e6));
  sleep(0);
  assert.throws(() => killAll([asleep, {} as never]), /TypeError.*\{\}/);
  assert.throws(() => killAll([asleep], 5 as never), /TypeError.*5/);
  assert.throws(() => killAll(5 as never), /TypeError.*5/);
  withPending([new GreenletExit()], () => {
    assert.throws(() => killAll([asleep]), GreenletExit);
  });
  sleep(0);
  assert.equal(asleep.dead, false);
  asleep.kill();
});

test('a kill reaches a greenlet that computes at its next blocking call, and one that waits for a promise', () => {
  const promised = spawn(() => new Promise(() => {}));
  sleep(0);
  assert.equal(promised.kill(), true);
  assert.equal(promised.killed, true);
});

test('a kill reaches a greenlet that is suspended by a switch of its own', () => {
  const hub = current().parent as RawGreenlet;
  const log: string[] = [];
  const victim = spawn(() => {
    try {
      hub.switch();
    } catch (error) {
      log.push(isCancel(error) ? 'killed' : String(error));
      throw error;
    }
  });
  sleep(0);
  assert.equal(victim.kill(undefined, { timeout: 1000 }), true);
  assert.deepEqual(log, ['killed']);
});

test('bad options are refused with the value, and nothing happens', () => {
  const greenlet = spawn(() => sleep(1e6));
  sleep(0);
  assert.throws(() => greenlet.kill(undefined, { timeout: -1 }), /RangeError.*-1/);
  assert.throws(() => greenlet.kill(undefined, { timeout: 'x' as never }), /TypeError.*'x'/);
  assert.throws(() => killAll([greenlet], undefined, { timeout: Number.NaN }), /RangeError.*NaN/);
  assert.equal(greenlet.dead, false);
  greenlet.kill();
});

testOnMain('on the main stack kill never waits', async () => {
  const greenlet = spawn(() => sleep(1e6));
  await new Promise(setImmediate);
  assert.equal(greenlet.kill(), false);
  assert.equal(killAll([greenlet]), false);
  await assert.rejects(greenlet.toPromise(), GreenletExit);
  assert.equal(greenlet.kill(), true);
  assert.equal(killAll([greenlet]), true);
});

testOnMain('run rejects with the GreenletExit of a killed one, and it is never reported as a failure', async () => {
  let self: Greenlet | undefined;
  const promise = run(() => {
    self = getCurrent() as Greenlet;
    sleep(1e6);
  });
  await new Promise(setImmediate);
  self?.kill();
  await assert.rejects(promise, GreenletExit);
  const reported: unknown[] = [];
  const listener = (_: unknown, error: unknown): number => reported.push(error);
  getHub().on('error', listener);
  const unseen = spawn(() => sleep(1e6));
  await new Promise(setImmediate);
  unseen.kill();
  for (let turn = 0; turn < 4; turn++) await new Promise(setImmediate);
  getHub().off('error', listener);
  assert.deepEqual([reported, unseen.killed], [[], true]);
});

test('a bare timeout in the place of options is refused with its value, and nobody is killed', () => {
  const victim = spawn(() => sleep(1));
  assert.throws(() => victim.kill(new GreenletExit(), 5 as never), /TypeError.*5/);
  assert.throws(() => withTimeout(5, () => {}, 7 as never), /TypeError.*7/);
  assert.equal(victim.join(), true);
  assert.equal(victim.successful, true);
});
