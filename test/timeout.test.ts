import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  GreenletError,
  GreenletExit,
  getCurrent,
  isCancel,
  run,
  shield,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  withTimeout,
} from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { Queue } from 'greenlets/queue';
import { getCurrent as current, RawGreenlet } from 'greenlets/raw';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

const isIt = (expected: unknown) => (error: unknown) => error === expected;

test('a timeout is raised, as itself, at the blocking call of the greenlet that started it', () => {
  using clock = new VirtualClock();
  const timeout = new Timeout(50);
  assert.deepEqual([timeout.pending, timeout.ms], [false, 50]);
  timeout.start();
  assert.equal(timeout.pending, true);
  const begun = clock.now();
  assert.throws(() => sleep(1e6), isIt(timeout));
  assert.equal(clock.now() - begun, 50);
  assert.equal(timeout.pending, false);
  assert.ok(timeout instanceof Error && timeout instanceof Timeout);
  assert.deepEqual([timeout.name, timeout.code], ['Timeout', 'ERR_GREENLETS_TIMEOUT']);
  assert.match(timeout.message, /50 ms/);
});

test('a greenlet that was woken before it fired feels it at entry of its next blocking call', () => {
  using _clock = new VirtualClock();
  const event = new Event();
  spawnLater(5, () => event.set());
  const timeout = Timeout.start(5);
  assert.equal(event.wait(), true);
  assert.throws(() => event.wait(), isIt(timeout));
});

test('cancelled in time it is never raised; it may be started again after it was cancelled or has fired', () => {
  using _clock = new VirtualClock();
  const timeout = Timeout.start(5);
  timeout.cancel();
  timeout.cancel();
  assert.equal(timeout.pending, false);
  sleep(10);
  timeout.start();
  assert.throws(() => sleep(10), isIt(timeout));
  timeout.start();
  assert.throws(() => sleep(10), isIt(timeout));
});

test('starting a pending one throws, and leaves it pending', () => {
  const timeout = Timeout.start(1e6);
  assert.throws(() => timeout.start(), GreenletError);
  assert.equal(timeout.pending, true);
  timeout.cancel();
});

test('using cancels it at the end of the block', () => {
  using _clock = new VirtualClock();
  let timeout: Timeout;
  {
    using inner = Timeout.start(5);
    timeout = inner;
  }
  assert.equal(timeout.pending, false);
  sleep(10);
});

test('null never fires, and pending stays false', () => {
  using _clock = new VirtualClock();
  const timeout = Timeout.start(null);
  assert.deepEqual([timeout.pending, timeout.ms], [false, null]);
  timeout.start(); // not pending: allowed
  sleep(1e6);
  timeout.cancel();
  assert.equal(
    Timeout.run(null, () => 5),
    5,
  );
});

test('nested ones are told apart by identity, whichever is first', () => {
  using _clock = new VirtualClock();
  const outer = Timeout.start(50);
  {
    using inner = Timeout.start(5);
    assert.throws(() => sleep(100), isIt(inner));
  }
  assert.equal(outer.pending, true);
  {
    using inner = Timeout.start(1000);
    assert.throws(() => sleep(100), isIt(outer));
    assert.equal(inner.pending, true);
  }
});

test('a call swallows only its own timeout', () => {
  using _clock = new VirtualClock();
  const event = new Event();
  const queue = new Queue<number>();
  const result = new AsyncResult<number>();
  const asleep = spawn(() => sleep(1e6));
  for (const call of [
    () => event.wait(100),
    () => queue.get(100),
    () => result.get(100),
    () => result.wait(100),
    () => asleep.get(100),
    () => asleep.join(100),
    () => Timeout.run(100, () => sleep(200), false),
    () => withTimeout(100, () => sleep(200), { value: undefined }),
  ]) {
    using outer = Timeout.start(5);
    assert.throws(call, isIt(outer));
  }
  asleep.kill();
});

test('Timeout.run: the value, the timeout, or undefined if it is silent', () => {
  using _clock = new VirtualClock();
  assert.equal(
    Timeout.run(5, () => 'value'),
    'value',
  );
  assert.throws(() => Timeout.run(5, () => sleep(10)), Timeout);
  assert.equal(
    Timeout.run(5, () => sleep(10), false),
    undefined,
  );
  const error = new RangeError('own');
  assert.throws(() => Timeout.run(5, () => sleep(10), error), isIt(error));
  assert.throws(() => Timeout.run(5, () => sleep(10), 'too slow'), { name: 'Timeout', message: 'too slow' });
  assert.throws(
    () =>
      Timeout.run(
        5,
        () => {
          throw error;
        },
        false,
      ),
    isIt(error),
  );
  sleep(100);
});

test('a silent one swallows only itself: an inner one passes through it', () => {
  using _clock = new VirtualClock();
  let inner: Timeout | undefined;
  assert.throws(
    () =>
      Timeout.run(
        50,
        () => {
          inner = Timeout.start(5);
          sleep(100);
        },
        false,
      ),
    (error) => error === inner,
  );
  assert.equal(
    Timeout.run(5, () => Timeout.run(50, () => sleep(100), false), false),
    undefined,
  );
});

test('an error given is raised instead, a string is the message', () => {
  using _clock = new VirtualClock();
  const error = new TypeError('mine');
  const timeout = Timeout.start(5, error);
  assert.throws(() => sleep(10), isIt(error));
  assert.equal(timeout.pending, false);
  const named = Timeout.start(5, 'too slow');
  assert.throws(() => sleep(10), isIt(named));
  assert.equal(named.message, 'too slow');
});

test('withTimeout gives the value when it fired, and only then', () => {
  using _clock = new VirtualClock();
  assert.equal(
    withTimeout(5, () => 'done', { value: 'late' }),
    'done',
  );
  assert.equal(
    withTimeout(5, () => (sleep(10), 'done'), { value: 'late' }),
    'late',
  );
  assert.equal(
    withTimeout<unknown>(5, () => sleep(10), { value: undefined }),
    undefined,
  );
  assert.throws(() => withTimeout(5, () => sleep(10)), Timeout);
  assert.throws(() => withTimeout(5, () => sleep(10), {}), Timeout);
  assert.equal(
    withTimeout(null, () => 1),
    1,
  );
  const outer = Timeout.start(5);
  assert.throws(() => withTimeout(50, () => sleep(100), { value: undefined }), isIt(outer));
});

test('fired and then cancelled before it was raised: never raised', () => {
  using _clock = new VirtualClock();
  const self = spawn(() => {
    const timeout = new Timeout(5);
    spawnLater(5, () => timeout.cancel()); // its turn is before that of the sleeper
    timeout.start();
    sleep(100);
    return 'slept';
  });
  assert.equal(self.get(), 'slept');
});

test('its stack is that of the line that was blocked, taken when it is raised', () => {
  using _clock = new VirtualClock();
  const timeout = Timeout.start(5);
  function blockedHere(): void {
    sleep(10);
  }
  assert.throws(blockedHere, isIt(timeout));
  assert.match(timeout.stack ?? '', /^Timeout: .*\n(.*\n)*.*blockedHere/);
});

test('it goes on to be due in a shield that it was started before, and is raised after it', () => {
  using _clock = new VirtualClock();
  const timeout = Timeout.start(5);
  const value = shield(() => {
    sleep(10);
    return 'whole';
  });
  assert.equal(value, 'whole');
  assert.equal(timeout.pending, false);
  assert.throws(() => sleep(0), isIt(timeout));
});

test('one started in a shield works there', () => {
  using _clock = new VirtualClock();
  shield(() => {
    const inner = Timeout.start(5);
    assert.throws(() => sleep(10), isIt(inner));
    shield(() => {
      using innermost = Timeout.start(5);
      assert.throws(() => sleep(10), isIt(innermost));
    });
  });
});

test('cancelled after the shield, before the next blocking call, it is never raised', () => {
  using _clock = new VirtualClock();
  const timeout = Timeout.start(5);
  shield(() => sleep(10));
  timeout.cancel();
  sleep(10);
});

test('one of a greenlet that has ended is forgotten', () => {
  using _clock = new VirtualClock();
  let timeout: Timeout | undefined;
  spawn(() => {
    timeout = Timeout.start(5);
  }).join();
  sleep(10);
  assert.equal(timeout?.pending, false);
});

test('it works in raw greenlets, also in one that has switched away by hand', () => {
  using _clock = new VirtualClock();
  const me = current();
  const log: string[] = [];
  const raw = new RawGreenlet(() => {
    const timeout = Timeout.start(5);
    try {
      me.switch();
    } catch (error) {
      log.push(error === timeout ? 'raised' : String(error));
    }
  });
  raw.switch();
  sleep(10);
  assert.deepEqual(log, ['raised']);
  assert.equal(raw.dead, true);
});

test('a withdrawn timeout does not hold a kill up: what is put after the kill goes to others', () => {
  using _clock = new VirtualClock();
  const queue = new Queue<number>();
  let timeout: Timeout | undefined;
  const victim = spawn(() => {
    timeout = new Timeout(5);
    spawnLater(5, () => {
      timeout?.cancel();
      victim.kill(undefined, { block: false });
      queue.put(1);
    });
    timeout.start();
    return queue.get();
  });
  assert.throws(() => victim.get(), GreenletExit);
  assert.equal(queue.size, 1);
});

test('after a kill, what is put goes to others, though a timeout has fired as well', () => {
  using _clock = new VirtualClock();
  const queue = new Queue<number>();
  const victim = spawn(() => {
    spawnLater(5, () => {
      victim.kill(undefined, { block: false });
      queue.put(1);
    });
    using _timeout = Timeout.start(5);
    return queue.get();
  });
  victim.join();
  assert.equal(queue.size, 1);
  assert.ok(isCancel(victim.exception));
});

test('isCancel: a GreenletExit or a Timeout, nothing else', () => {
  assert.deepEqual(
    [new GreenletExit(), new Timeout(1), new Error(), new GreenletError('x'), undefined, null, 'x'].map(isCancel),
    [true, true, false, false, false, false, false],
  );
});

test('console.log shows a timeout as an error, with nothing but its code and its time', () => {
  const timeout = Timeout.start(1, 'too late');
  assert.throws(() => sleep(1e6), timeout);
  const shown = `${timeout.stack} {\n  code: 'ERR_GREENLETS_TIMEOUT',\n  ms: 1\n}`;
  assert.equal(inspect(timeout), shown);
  assert.equal(inspect(timeout, { customInspect: false }), shown); // so Node prints it when nobody catches it
});

test('bad input is refused with the value', () => {
  for (const ms of [-1, Number.NaN]) {
    assert.throws(() => new Timeout(ms), new RegExp(`RangeError.*${ms}`));
    assert.throws(() => Timeout.start(ms), RangeError);
    assert.throws(() => Timeout.run(ms, () => 1), RangeError);
    assert.throws(() => withTimeout(ms, () => 1), RangeError);
  }
  for (const ms of ['5', {}, true]) assert.throws(() => new Timeout(ms as never), /TypeError: a timeout must be/);
  assert.throws(() => new Timeout('5' as never), /'5'/);
  for (const error of [5, true, {}, null]) assert.throws(() => new Timeout(1, error), /TypeError: expected an Error/);
  assert.throws(() => Timeout.run(1, 5 as never), /TypeError: expected a function, got 5/);
  assert.throws(() => withTimeout(1, 5 as never), /TypeError: expected a function, got 5/);
  assert.throws(() => shield(5 as never), /TypeError: expected a function, got 5/);
});

test('a timeout longer than a Node timer can be does not fire at once', () => {
  using timeout = Timeout.start(2 ** 40);
  sleep(3);
  assert.equal(timeout.pending, true);
});

testOnMain('on the main stack a timeout has nothing to be raised at', async () => {
  const timeout = Timeout.start(1);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(timeout.pending, false);
  await run(() => sleep(1));
  assert.equal(getCurrent().dead, false);
});
