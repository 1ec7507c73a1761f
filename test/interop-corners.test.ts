import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import {
  all,
  type Greenlet,
  GreenletExit,
  getCurrent,
  iterate,
  iwait,
  joinAll,
  killAll,
  nursery,
  race,
  sleep,
  spawn,
  Timeout,
  toSync,
  wait,
  waitCallback,
  waitEvent,
  waitReady,
  withTimeout,
} from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { Lock, Semaphore } from 'greenlets/lock';
import { Pool } from 'greenlets/pool';
import { Channel, Queue } from 'greenlets/queue';
import { VirtualClock } from 'greenlets/testing';
import { test } from './support/leaks.ts';

/** Runs `body` in a greenlet for which a kill waits. */
function withKillPending(body: () => void): void {
  const greenlet = spawn(() => {
    const self = getCurrent() as Greenlet;
    const woken = new Event();
    spawn(() => {
      woken.set();
      self.kill(undefined, { block: false });
    });
    woken.wait();
    body();
  });
  greenlet.get();
}

test('wait of an object of ours that can be waited for in several ways names the right method', () => {
  for (const [object, advice] of [
    [new Queue(), 'queue.get()'],
    [new Channel(), 'channel.get()'],
    [new Lock(), 'lock.acquire()'],
    [new Pool(1), 'pool.join()'],
  ] as const) {
    assert.throws(() => wait(object), { name: 'TypeError', message: new RegExp(advice.replace(/[().]/g, '\\$&')) });
    assert.throws(() => all([object]), TypeError);
    assert.throws(() => race([object]), TypeError);
    assert.throws(() => waitReady([object]), TypeError);
  }
});

test('nothing is started by all, race or a blocking function while an error waits', () => {
  let started = 0;
  const start = async (): Promise<void> => {
    started++;
  };
  withKillPending(() => assert.throws(() => all([start]), GreenletExit));
  withKillPending(() => assert.throws(() => race([start]), GreenletExit));
  withKillPending(() => assert.throws(() => toSync(start)(), GreenletExit));
  withKillPending(() => assert.throws(() => waitCallback((done) => done(null, started++)), GreenletExit));
  assert.equal(started, 0);
});

test('when one cannot be started, all and race stop those that were', () => {
  for (const several of [all, race]) {
    let signal: AbortSignal | undefined;
    const error = new Error('not started');
    const start = (given: AbortSignal): Promise<never> => {
      signal = given;
      return new Promise(() => {});
    };
    const fail = (): never => {
      throw error;
    };
    assert.throws(() => several([start, fail]), error);
    assert.equal(signal?.reason, error);
    assert.throws(() => several(5 as never), /TypeError.*iterable.*5/);
  }
});

test('what is no greenlet cannot be joined, and a time in the place of options is refused with the value', () => {
  const ended = spawn(() => {});
  ended.join();
  assert.throws(() => joinAll([ended, Promise.resolve(1) as never]), /TypeError.*greenlet.*Promise/);
  assert.throws(() => joinAll([new Event() as never]), /TypeError.*greenlet.*Event/);
  const bad = [5, null, AbortSignal.abort()] as never[];
  for (const options of bad) {
    const refused = { name: 'TypeError', message: /options, got (5|null|AbortSignal)/ };
    assert.throws(() => joinAll([ended], options), refused);
    assert.throws(() => killAll([ended], undefined, options), refused);
    assert.throws(() => waitReady([ended], options), refused);
    assert.throws(() => iwait([ended], options), refused);
    assert.throws(() => waitEvent(new EventEmitter(), 'x', options), refused);
    assert.throws(() => nursery(() => assert.fail('called'), options), refused);
    assert.throws(() => new Pool(1, options), refused);
    assert.throws(() => new Pool(1).join(options), refused);
    assert.throws(() => new Pool(1).kill(undefined, options), refused);
    assert.throws(() => new Queue().shutdown(options), refused);
  }
  assert.throws(() => waitEvent(new EventEmitter(), 'x', { signal: 5 as never }), /TypeError.*signal.*5/);
});

test('iterate gives the items as they are: functions are not called, objects of ours not waited for', () => {
  const items = [() => assert.fail('called'), new Event(), new Queue(), 5];
  async function* source(): AsyncGenerator<unknown> {
    yield* items;
  }
  assert.deepEqual([...iterate(source())], items);
  assert.deepEqual([...iterate(items)], items);
  assert.deepEqual([...iterate([Promise.resolve(1), 2])], [1, 2], 'promises of a sync iterable are waited for');
});

test('leaving a loop over a stream destroys it; an error of the source is thrown', () => {
  const stream = Readable.from(['a', 'b', 'c']);
  for (const _ of iterate(stream)) break;
  assert.equal(stream.destroyed, true);
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new Error('source');
  }
  const seen: number[] = [];
  assert.throws(() => {
    for (const item of iterate(failing())) seen.push(item);
  }, /source/);
  assert.deepEqual(seen, [1]);
  assert.throws(() => iterate(5 as never), /TypeError.*5/);
});

test('a timeout or a kill of who iterates closes the source at once, though it is stalled', () => {
  const stream = new Readable({ read() {} });
  assert.throws(() => withTimeout(1, () => [...iterate(stream)]), Timeout);
  waitEvent(stream, 'close');
  const closed = new Event();
  const stalled = {
    next: () => new Promise<IteratorResult<number>>(() => {}),
    return: async () => {
      closed.set();
      return { done: true as const, value: undefined };
    },
    [Symbol.asyncIterator]: () => stalled,
  };
  const reader = spawn(() => [...iterate(stalled)]);
  sleep(0);
  reader.kill();
  assert.equal(closed.wait(10_000), true);
});

test('waitReady yields in the order of readiness, each occurrence once, and stops at count or the time', () => {
  using _clock = new VirtualClock();
  const events = Array.from({ length: 5 }, () => new Event());
  spawn(() => {
    for (const event of [...events].reverse()) {
      sleep(10);
      event.set();
    }
  });
  assert.deepEqual(waitReady(events, { count: 2 }), [events[4], events[3]]);
  assert.deepEqual(waitReady(events, { timeout: 15 }), [events[3], events[4], events[2]]);
  assert.deepEqual(waitReady(events.slice(0, 1), { timeout: 0 }), []);
  assert.deepEqual(waitReady(events, { count: 0 }), []);
  assert.deepEqual(waitReady([]), []);
  assert.equal(waitReady(events).length, 5);
  for (const count of [-1, 1.5, Number.NaN]) {
    assert.throws(() => waitReady(events, { count }), new RegExp(`RangeError.*${count}`));
  }
  assert.throws(() => waitReady(5 as never), /TypeError.*5/);
  assert.throws(() => waitReady([5 as never]), /TypeError.*5/);
});

test('iwait begins at its first next(), lets the caller block in between, and leaves no trace when it is left', () => {
  const semaphores = [new Semaphore(0), new Semaphore(1), new Semaphore(1)];
  const iterator = iwait(semaphores);
  const seen: Semaphore[] = [];
  for (const semaphore of iterator) {
    seen.push(semaphore);
    sleep(0);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [semaphores[1], semaphores[2]]);
  semaphores[0]?.release();
  assert.equal(semaphores[0]?.counter, 1);
});

test('joinAll gives the ended ones in the order in which they ended, and stops at count', () => {
  using _clock = new VirtualClock();
  const greenlets = [30, 10, 20].map((ms) => spawn(() => sleep(ms)));
  const [slow, fast, middle] = greenlets;
  assert.deepEqual(joinAll(greenlets, { count: 2 }), [fast, middle]);
  assert.deepEqual(joinAll(greenlets, { timeout: 1 }), [fast, middle]);
  assert.deepEqual(joinAll(new Set(greenlets)), [fast, middle, slow]);
  assert.deepEqual(joinAll([]), []);
});

test('joinAll raises the first failure while others still run, or not at all', () => {
  using _clock = new VirtualClock();
  const failure = new Error('second');
  const slow = spawn(() => sleep(50));
  const failing = spawn(() => {
    sleep(10);
    throw failure;
  });
  assert.throws(
    () => joinAll([slow, failing]),
    (error) => error === failure,
  );
  assert.equal(slow.ready, false);
  assert.deepEqual(joinAll([slow, failing], { raiseError: false }), [failing, slow]);
});

test('all and race take promises, greenlets, results, functions and plain values, and a time', () => {
  const result = new AsyncResult<string>();
  result.set('result');
  const values = all([Promise.resolve(1), spawn(() => 2), result, async () => 'fn', 'plain']);
  assert.deepEqual(values, [1, 2, 'result', 'fn', 'plain']);
  assert.throws(() => all([new Event()], 1), Timeout);
  assert.throws(() => race([new Event()], 1), Timeout);
  assert.throws(() => race([new Event(), Promise.reject(new Error('lost'))]), /lost/);
});

test('waitEvent gives the arguments; it ends on error, abort and time, and takes its listeners away', () => {
  const emitter = new EventEmitter();
  const controller = new AbortController();
  setImmediate(() => emitter.emit('data', 1, 2));
  assert.deepEqual(waitEvent(emitter, 'data'), [1, 2]);
  setImmediate(() => controller.abort());
  assert.throws(() => waitEvent(emitter, 'data', { signal: controller.signal }), { name: 'AbortError' });
  assert.throws(() => waitEvent(emitter, 'data', { signal: controller.signal }), { name: 'AbortError' });
  assert.throws(() => waitEvent(emitter, 'data', { timeout: 1 }), Timeout);
  const killed = spawn(() => waitEvent(emitter, 'data'));
  sleep(0);
  killed.kill();
  assert.deepEqual(emitter.eventNames(), []);
  const target = new EventTarget();
  setImmediate(() => target.dispatchEvent(new globalThis.Event('go')));
  assert.equal((waitEvent(target, 'go')[0] as { type: string }).type, 'go');
  assert.throws(() => waitEvent(5 as never, 'x'), /TypeError.*5/);
});

test('waitCallback takes the first call, at once or later; a throwing register is no wait', () => {
  assert.equal(
    waitCallback((done) => done(null, 'at once')),
    'at once',
  );
  assert.equal(
    waitCallback((done) => {
      setImmediate(() => {
        done(null, 'first');
        done(new Error('second'));
      });
    }),
    'first',
  );
  const error = new Error('failed');
  assert.throws(
    () => waitCallback((done) => done(error)),
    (thrown) => thrown === error,
  );
  assert.throws(
    () =>
      waitCallback(() => {
        throw error;
      }),
    (thrown) => thrown === error,
  );
  let late = (_: null, value: string): string => value;
  assert.throws(
    () =>
      waitCallback((done) => {
        late = done as never;
      }, 1),
    Timeout,
  );
  late(null, 'too late');
  assert.throws(() => waitCallback(5 as never), /TypeError.*5/);
});
