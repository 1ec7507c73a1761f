import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import timers from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { joinAll, run, sleep, spawn, spawnLater, Timeout, ticker, wait, withTimeout } from 'greenlets';
import {
  assertNoGreenletsLeft,
  DeterministicScheduler,
  explore,
  InterleavingError,
  VirtualClock,
  waitUntilAllBlocked,
} from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

const MINUTE = 60_000;

test('under a virtual clock minutes of sleeps, timeouts and tickers pass at once', () => {
  using clock = new VirtualClock();
  sleep(10 * MINUTE);
  assert.equal(clock.now(), 10 * MINUTE);
  assert.throws(() => withTimeout(5 * MINUTE, () => sleep(MINUTE * 60)), Timeout);
  assert.equal(clock.now(), 15 * MINUTE);
  for (const beat of ticker(MINUTE)) if (beat === 4) break;
  assert.equal(clock.now(), 20 * MINUTE);
});

test('spawnLater and Node’s timers expire in the order of their times', () => {
  using clock = new VirtualClock();
  const log: string[] = [];
  const at = (what: string): void => {
    log.push(`${what}@${clock.now()}`);
  };
  spawnLater(300, at, 'spawnLater');
  setTimeout(at, 200, 'setTimeout');
  const interval = setInterval(at, 140, 'setInterval');
  void delay(350).then(() => at('promise'));
  void promisify(setTimeout)(360).then(() => at('promisified'));
  timers.setTimeout(at, 370, 'module');
  const cleared = setTimeout(at, 100, 'cleared');
  clearTimeout(+cleared);
  sleep(400);
  clearInterval(interval);
  assert.deepEqual(log, [
    'setInterval@140',
    'setTimeout@200',
    'setInterval@280',
    'spawnLater@300',
    'promise@350',
    'promisified@360',
    'module@370',
  ]);
});

test('Date, performance.now and AbortSignal.timeout follow the clock', () => {
  using clock = new VirtualClock({ date: Date.UTC(2030, 0, 1) });
  const before = performance.now();
  sleep(MINUTE);
  assert.equal(new Date().toISOString(), '2030-01-01T00:01:00.000Z');
  assert.equal(Date.now(), Date.UTC(2030, 0, 1) + MINUTE);
  assert.ok(new Date(0) instanceof Date);
  assert.equal(Math.round(performance.now() - before), MINUTE);
  assert.throws(() => wait(new Promise(() => {}), AbortSignal.timeout(5 * MINUTE)), { name: 'TimeoutError' });
  assert.equal(clock.now(), 6 * MINUTE);
});

test('an unref’d timer is no reason for time to pass', () => {
  using clock = new VirtualClock();
  let beats = 0;
  const interval = setInterval(() => beats++, 1000).unref();
  waitUntilAllBlocked();
  assert.equal(clock.now(), 0);
  sleep(3500);
  assert.equal(beats, 3);
  clearInterval(interval);
});

test(
  'time does not jump while a request is under way',
  () => {
    using clock = new VirtualClock();
    const server = createServer((_, response) => response.end('x'.repeat(100_000)));
    wait(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    const { port } = server.address() as { port: number };
    const text = withTimeout(MINUTE, () => wait(fetch(`http://127.0.0.1:${port}`).then((response) => response.text())));
    assert.equal(text.length, 100_000);
    assert.ok(clock.now() < MINUTE);
    server.closeAllConnections();
    wait(new Promise((resolve) => server.close(resolve)));
  },
  !('WebAssembly' in globalThis) && 'fetch needs WebAssembly',
);

test('timers that are pending when the clock comes or goes keep the time they have left', () => {
  const early = spawn(() => sleep(20));
  sleep(0);
  let fired = 0;
  {
    using clock = new VirtualClock();
    early.join();
    assert.ok(clock.now() <= 20);
    setTimeout(() => fired++, 5);
    setTimeout(() => fired++, 5).unref();
  }
  const start = performance.now();
  while (fired < 2) sleep(1);
  assert.ok(performance.now() - start < 5000);
});

test('a timer that has outlived its clock keeps the time it has left, whatever becomes of it and of later clocks', () => {
  const log: string[] = [];
  const at = (what: string): unknown => log.push(what);
  let unreferenced: NodeJS.Timeout;
  {
    using _ = new VirtualClock();
    sleep(1000 * MINUTE);
    setTimeout(at, 5, 'soon');
    unreferenced = setTimeout(at, 10, 'soon, unreferenced');
    setTimeout(at, 10 * MINUTE, 'late').unref();
  }
  unreferenced.unref();
  {
    using _ = new VirtualClock();
    sleep(20 * MINUTE);
  }
  while (log.length < 2) sleep(1);
  assert.deepEqual(log, ['soon', 'soon, unreferenced']);
});

test('Node’s timers under the clock refuse what Node refuses', () => {
  using clock = new VirtualClock();
  assert.throws(() => wait(delay(5, null, { signal: 5 as never })), TypeError);
  assert.throws(() => AbortSignal.timeout(-1), /RangeError.*-1/);
  sleep(10);
  assert.equal(clock.now(), 10);
});

test('advance moves time on by hand', () => {
  using clock = new VirtualClock({ autoJump: false });
  const sleeper = spawn(() => sleep(100));
  waitUntilAllBlocked();
  clock.advance(99);
  waitUntilAllBlocked();
  assert.equal(sleeper.dead, false);
  clock.advance(1);
  sleeper.join();
  assert.equal(clock.now(), 100);
});

test('a clock refuses bad options with their value', () => {
  assert.throws(() => new VirtualClock({ quiet: -1 }), /RangeError.*-1/);
  assert.throws(() => new VirtualClock({ date: Number.NaN }), /RangeError.*NaN/);
  assert.throws(() => new VirtualClock({ date: null as never }), /TypeError.*null/);
  assert.throws(() => new VirtualClock(5 as never), /TypeError.*5/);
  using clock = new VirtualClock();
  assert.throws(() => clock.advance(-5), /RangeError.*-5/);
  assert.throws(() => clock.advance('5' as never), /TypeError.*'5'/);
  assert.throws(() => clock.run(5 as never), /TypeError.*5/);
  assert.throws(() => new DeterministicScheduler(0.5), /TypeError.*0\.5/);
  assert.throws(() => explore(5 as never), /TypeError.*5/);
  assert.throws(() => explore(() => {}, { schedules: 0 }), /RangeError.*0/);
  assert.throws(() => explore(() => {}, 5 as never), /TypeError.*5/);
  assert.throws(() => explore(() => {}, { preemptAt: [5] as never }), /TypeError.*5/);
});

testOnMain('on the main stack clock, scheduler and exploration give promises', async () => {
  const clock = new VirtualClock();
  assert.equal(await clock.run(() => (sleep(MINUTE), 'done')), 'done');
  assert.equal(clock.now(), MINUTE);
  assert.equal(await new DeterministicScheduler(1).run(() => (sleep(MINUTE), 'done')), 'done');
  assert.deepEqual(await explore(() => sleep(MINUTE), { schedules: 3 }), { schedules: 3, seed: 1 });
  await assert.rejects(async () => explore(() => assert.fail('always')), InterleavingError);
});

test('waitUntilAllBlocked returns when everybody has come as far as possible', () => {
  const log: string[] = [];
  const chain = (depth: number): void => {
    wait(new Promise(setImmediate));
    log.push(`step ${depth}`);
    if (depth < 5) chain(depth + 1);
  };
  const working = spawn(chain, 1);
  const blocked = spawn(() => sleep(MINUTE));
  waitUntilAllBlocked();
  assert.equal(log.length, 5);
  assert.equal(working.dead, true);
  assert.equal(blocked.dead, false);
  blocked.kill();
});

testOnMain('on the main stack waitUntilAllBlocked gives a promise', async () => {
  let steps = 0;
  void run(() => {
    for (; steps < 10; steps++) sleep(0);
  });
  await waitUntilAllBlocked();
  assert.equal(steps, 10);
});

function interleaving(seed: number): string {
  using scheduler = new DeterministicScheduler(seed);
  assert.equal(scheduler.seed, seed);
  const log: string[] = [];
  const walk = (name: string): void => {
    for (let i = 0; i < 4; i++) {
      log.push(name + i);
      if (i === 2) sleep(10);
      else sleep(0);
    }
  };
  joinAll(['a', 'b', 'c'].map((name) => spawn(walk, name)));
  return log.join(' ');
}

test('the same seed gives the same interleaving, other seeds give others', () => {
  const first = [1, 2, 3, 4, 5].map(interleaving);
  assert.deepEqual([1, 2, 3, 4, 5].map(interleaving), first);
  assert.ok(new Set(first).size >= 4);
});

/** An account whose deposit loses an update when two of them overlap in one of many orders. */
class Account {
  balance = 0;
  deposit(amount: number, pause: number): void {
    sleep(pause);
    const { balance } = this;
    if (balance === 1) sleep(0);
    this.balance = balance + amount;
  }
}

const deposits = (): void => {
  const account = new Account();
  joinAll([1, 2, 4].map((amount) => spawn(() => account.deposit(amount, 10))));
  assert.equal(account.balance, 7);
};

test('explore finds a lost update, and its seed replays it', () => {
  const found = catchError(() => explore(deposits, { schedules: 200 }));
  assert.ok(found instanceof InterleavingError);
  assert.match(found.message, new RegExp(`seed: ${found.seed}`));
  assert.match((found.cause as Error).message, /7/);
  const again = catchError(() => explore(deposits, { schedules: 1, seed: found.seed }));
  assert.ok(again instanceof InterleavingError);
  assert.equal(again.seed, found.seed);
  assert.equal((again.cause as Error).message, (found.cause as Error).message);
});

test('preemptAt finds a race between statements that do not block', () => {
  const shared = { value: 0 };
  const increments = (): void => {
    shared.value = 0;
    joinAll([spawn(() => shared.value++), spawn(() => shared.value++)]);
    assert.equal(shared.value, 2);
  };
  assert.deepEqual(explore(increments, { schedules: 20 }), { schedules: 20, seed: 1 });
  assert.throws(() => explore(increments, { schedules: 20, preemptAt: [shared] }), InterleavingError);
  assert.deepEqual(Object.getOwnPropertyDescriptor(shared, 'value')?.writable, true);
});

test('preemptAt switches in accessors, too, and leaves them as they were', () => {
  let held = 0;
  class Account {
    get balance(): number {
      return held;
    }
    set balance(value: number) {
      held = value;
    }
  }
  const account = new Account();
  const increments = (): void => {
    held = 0;
    joinAll([spawn(() => account.balance++), spawn(() => account.balance++)]);
    assert.equal(held, 2);
  };
  assert.throws(() => explore(increments, { preemptAt: [account] }), InterleavingError);
  assert.deepEqual(Reflect.ownKeys(account), []);
});

test('explore reports a deadlock, and a greenlet that fails unobserved; it leaves nothing behind', () => {
  const deadlock = catchError(() =>
    explore(
      () => {
        spawn(() => sleep(MINUTE)).join();
        spawn(() => wait(new Promise(() => {}))).join();
      },
      { schedules: 1 },
    ),
  );
  assert.equal(((deadlock as Error).cause as { code: string }).code, 'ERR_GREENLETS_LOOP_EXIT');
  const unobserved = catchError(() =>
    explore(
      () => {
        spawn(() => assert.fail('nobody looks'));
      },
      { schedules: 1 },
    ),
  );
  assert.match(((unobserved as Error).cause as Error).message, /nobody looks/);
  explore(() => void spawn(() => sleep(MINUTE)), { schedules: 2 });
  assertNoGreenletsLeft();
});

test('assertNoGreenletsLeft names who is left and where', () => {
  assertNoGreenletsLeft();
  const left = spawn({ name: 'forgotten' }, function waitsHere() {
    sleep(MINUTE);
  });
  const later = spawnLater(MINUTE, () => {});
  assert.throws(() => assertNoGreenletsLeft(), /2 greenlets are left:[\s\S]*forgotten[\s\S]*waitsHere/);
  left.kill();
  later.kill();
  assertNoGreenletsLeft();
});

test('links and killed greenlets that only have to run do not count as left', () => {
  const killed = spawn(() => sleep(MINUTE));
  let linked = false;
  killed.link(() => {
    sleep(0);
    linked = true;
  });
  sleep(0);
  killed.kill(undefined, { block: false });
  assertNoGreenletsLeft();
  assert.ok(linked);
});

function catchError(fn: () => unknown): unknown {
  try {
    fn();
  } catch (error) {
    return error;
  }
  return undefined;
}
