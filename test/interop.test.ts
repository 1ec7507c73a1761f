import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import {
  all,
  Greenlet,
  isCancel,
  iterate,
  iwait,
  joinAll,
  killAll,
  noSwitch,
  Queue,
  race,
  select,
  shield,
  sleep,
  spawn,
  Timeout,
  ticker,
  toAsync,
  toSync,
  wait,
  waitCallback,
  waitEvent,
  waitReady,
  withTimeout,
} from 'greenlets';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

const later = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value));

test('wait gives the value, throws the very reason, returns plain values', () => {
  assert.equal(wait(later(1, 'x')), 'x');
  const reason = new Error('no');
  assert.throws(
    () => wait(Promise.reject(reason)),
    (error) => error === reason,
  );
  assert.match(reason.stack ?? '', /waited for by/);
  assert.equal(wait(5), 5);
  // biome-ignore lint/suspicious/noThenProperty: promises of other libraries are such objects
  const thenable = { then: (resolve: (value: unknown) => void) => resolve(later(1, 'as await')) };
  assert.equal(wait(thenable as PromiseLike<unknown>), 'as await');
  assert.equal(wait(spawn(() => 6)), 6);
});

test('a wait that times out leaves a late rejection handled', () => {
  let reject: (error: Error) => void = () => {};
  const late = new Promise((_, rejected) => {
    reject = rejected;
  });
  assert.throws(() => wait(late, 1), Timeout);
  reject(new Error('late')); // reported as unhandled, it would fail this test
  sleep(1);
});

test('waits for one promise that expire leave no more behind than one', () => {
  let resolve!: (value: string) => void;
  const promise = new Promise<string>((done) => {
    resolve = done;
  });
  let reactions = 0;
  Object.assign(promise, {
    // biome-ignore lint/suspicious/noThenProperty: it counts
    then: (...args: Parameters<typeof promise.then>) => {
      reactions++;
      return Promise.prototype.then.apply(promise, args);
    },
  });
  using _clock = new VirtualClock();
  const queue = new Queue<string>();
  const waits = () => {
    for (let i = 0; i < 50; i++) {
      assert.throws(() => wait(promise, 1), Timeout);
      assert.throws(() => select([promise, queue.onGet()], 1), Timeout);
    }
    return wait(promise);
  };
  const two = [spawn(waits), spawn(waits)];
  sleep(1000);
  queue.put('first');
  assert.equal(select([queue.onGet(), promise]).value, 'first');
  resolve('late');
  assert.deepEqual(all(two), ['late', 'late']);
  assert.equal(wait(promise), 'late');
  assert.ok(reactions <= 4, `${reactions} reactions`); // of two that wait at once, of the select, and of the last wait
});

test('the signal of an abortable wait aborts when it is cut short', () => {
  let seen: AbortSignal | undefined;
  assert.throws(
    () =>
      wait((signal) => {
        seen = signal;
        return later(1000, 0);
      }, 1),
    Timeout,
  );
  assert.equal(seen?.aborted, true);
});

test('an AbortSignal in place of a timeout ends the wait with its reason', () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 1);
  assert.throws(
    () => wait(later(1000, 0), controller.signal),
    (error) => error === reason,
  );
});

test('an AbortSignal ends waiting for several things too, and leaves no trace', () => {
  const reason = new Error('enough');
  const asleep = spawn(() => sleep(1e6));
  const abortSoon = (): AbortSignal => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 1);
    return controller.signal;
  };
  const isReason = (error: unknown): boolean => error === reason;
  assert.throws(() => all([1, asleep], abortSoon()), isReason);
  assert.throws(() => race([asleep], abortSoon()), isReason);
  assert.throws(() => waitReady([asleep], { timeout: abortSoon() }), isReason);
  assert.throws(() => joinAll([asleep], { timeout: abortSoon() }), isReason);
  asleep.kill();
});

test('an endless wait for settled promises lets timers through', () => {
  const result = withTimeout(
    10,
    () => {
      for (;;) wait(Promise.resolve());
    },
    { value: 'fired' as never },
  );
  assert.equal(result, 'fired');
});

test('all keeps the order given, race takes the first', () => {
  assert.deepEqual(all([later(3, 'a'), later(1, 'b'), 'c', spawn(() => 'd')]), ['a', 'b', 'c', 'd']);
  assert.throws(() => all([later(50, 1), Promise.reject(new Error('first'))]), /first/);
  assert.equal(race([new Promise(() => {}), later(1, 'fast')]), 'fast');
});

test('waitReady and iwait give objects in the order they became ready', () => {
  const fast = spawn(() => sleep(0));
  const slow = spawn(() => {
    fast.join();
    sleep(0);
  });
  assert.deepEqual(
    waitReady([slow, fast], { count: 1 }).map((greenlet) => greenlet.id),
    [fast.id],
  );
  const blocked = spawn(() => sleep(1000));
  slow.join();
  assert.deepEqual(
    [...iwait([blocked, slow], { timeout: 5 })].map((greenlet) => greenlet.id),
    [slow.id],
  );
  blocked.kill();
});

test('joinAll raises at the first failure, not for killed ones', () => {
  const killed = spawn(() => sleep(1000));
  killed.kill();
  const failing = spawn(() => {
    throw new Error('failed');
  });
  const slow = spawn(() => sleep(5));
  assert.throws(() => joinAll([slow, killed, failing]), /failed/);
  assert.equal(joinAll([slow, killed]).length, 2);
});

test('killAll ends all', () => {
  const greenlets = [1, 2, 3].map(() => spawn(() => sleep(1000)));
  sleep(0);
  assert.equal(killAll(greenlets), true);
});

test('toSync keeps this, name and length, and waits only for promises', () => {
  class Client {
    #secret = 7;
    async query(a: number): Promise<number> {
      await later(1, 0);
      return a + this.#secret;
    }
    plain(): number {
      return this.#secret;
    }
  }
  const client = toSync(new Client());
  assert.equal(client.query(1), 8);
  assert.equal(client.plain(), 7);
  assert.equal(client.query.length, 1);
  assert.equal(client.query.name, 'query');
  assert.equal(toSync(fs.promises).readFile(new URL(import.meta.url), 'utf8').length > 0, true);
});

test('toSync of an object lets classes be made and fields be set', () => {
  class Counter {
    #count = 0;
    set count(value: number) {
      this.#count = value;
    }
    async next(): Promise<number> {
      return ++this.#count;
    }
  }
  const library = toSync({ Counter, version: 1 });
  const counter = new library.Counter();
  assert.ok(counter instanceof Counter && counter instanceof library.Counter);
  const sync = toSync(counter);
  sync.count = 5;
  assert.equal(sync.next(), 6);
  library.version = 2;
  assert.equal(library.version, 2);
});

testOnMain('toAsync keeps name and length and runs in a greenlet', async () => {
  const fn = toAsync(function handler(this: unknown, a: number, b: number) {
    sleep(1);
    return a + b;
  });
  assert.equal(fn.name, 'handler');
  assert.equal(fn.length, 2);
  assert.equal(await fn(1, 2), 3);
});

test('iterate blocks for each item and closes the source', () => {
  let closed = false;
  async function* source(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) yield await later(1, i);
    } finally {
      closed = true;
    }
  }
  const seen: number[] = [];
  for (const item of iterate(source())) {
    seen.push(item);
    if (item === 2) break;
  }
  assert.deepEqual(seen, [0, 1, 2]);
  assert.equal(closed, true);
  assert.equal([...iterate(Readable.from(['a', 'b']))].join(''), 'ab');
});

test('waitCallback and waitEvent', () => {
  assert.equal(
    waitCallback((done) => setTimeout(done, 1, null, 'v')),
    'v',
  );
  const emitter = new EventEmitter();
  setTimeout(() => emitter.emit('go', 1, 2), 1);
  assert.deepEqual(waitEvent(emitter, 'go'), [1, 2]);
  setTimeout(() => emitter.emit('error', new Error('bad')), 1);
  assert.throws(() => waitEvent(emitter, 'go'), /bad/);
  assert.equal(emitter.listenerCount('go'), 0);
  assert.equal(emitter.listenerCount('error'), 0);
});

test('shield holds a kill back until after it', () => {
  const log: string[] = [];
  const greenlet = spawn(() => {
    shield(() => {
      sleep(2);
      log.push('whole');
    });
    log.push('after');
    sleep(0);
    log.push('never');
  });
  sleep(0);
  greenlet.kill();
  assert.deepEqual(log, ['whole', 'after']);
  assert.equal(greenlet.killed, true);
});

test('noSwitch makes a stretch atomic', () => {
  assert.throws(() => noSwitch(() => sleep(0)), { code: 'ERR_GREENLETS_CANNOT_BLOCK' });
  sleep(0);
});

test('isCancel tells cancellation from failure', () => {
  const seen: boolean[] = [];
  const greenlet = new Greenlet(() => {
    try {
      sleep(1000);
    } catch (error) {
      seen.push(isCancel(error));
    }
  });
  greenlet.start();
  sleep(0);
  greenlet.kill();
  assert.deepEqual(seen, [true]);
  assert.equal(isCancel(new Error('x')), false);
});

test('ticker keeps a beat', () => {
  const beats: number[] = [];
  for (const beat of ticker(1)) {
    beats.push(beat);
    if (beat === 3) break;
  }
  assert.deepEqual(beats, [0, 1, 2, 3]);
});
