import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import {
  type Greenlet,
  GreenletExit,
  getHub,
  joinAll,
  killAll,
  noSwitch,
  Queue,
  run,
  sleep,
  spawn,
  Timeout,
  wait,
  withTimeout,
} from 'greenlets';
import { Lock } from 'greenlets/lock';
import { test, testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

/** Spins for ever. */
function spin(): never {
  for (;;);
}

test('a greenlet that computes lets others run, and timers fire', () => {
  const hog = spawn({ preempt: 5 }, spin);
  let fired = 0;
  const timer = setInterval(() => fired++, 1);
  for (let i = 0; i < 5; i++) sleep(1);
  clearInterval(timer);
  assert.ok(fired > 0);
  assert.equal(hog.dead, false);
  hog.kill();
});

test('what takes several turns of the event loop does not wait for a slice at each', () => {
  let slices = 0;
  let last = '';
  const hogs = ['one', 'other'].map((name) =>
    spawn({ preempt: 5 }, () => {
      for (;;) {
        if (last === name) continue;
        last = name;
        slices++;
      }
    }),
  );
  while (slices < 3) sleep(1);
  const before = slices;
  for (let turn = 0; turn < 12; turn++) wait(new Promise((resolve) => setImmediate(resolve)));
  killAll(hogs);
  assert.ok(slices - before <= 3, `${slices - before} slices`);
});

test('greenlets that compute share the CPU evenly', () => {
  const hub = getHub();
  hub.trackSpawns = true; // measures CPU time
  const hogs = [1, 2, 3].map(() => spawn({ preempt: 5 }, spin));
  try {
    const total = (): number => hogs.reduce((sum, hog) => sum + hog.cpuTime, 0);
    while (total() < 500) sleep(10);
    const shares = hogs.map((hog) => hog.cpuTime / total());
    for (const share of shares) assert.ok(Math.abs(share - 1 / 3) < 0.1, `shares ${shares}`);
  } finally {
    hub.trackSpawns = false;
    killAll(hogs);
  }
});

test('kill ends an endless loop with the error given, without its catch and finally', () => {
  const log: string[] = [];
  const hog = spawn({ preempt: true }, () => {
    try {
      spin();
    } catch {
      log.push('catch');
    } finally {
      log.push('finally');
    }
  });
  hog.link(() => log.push('link'));
  sleep(1);
  const error = new GreenletExit('enough');
  assert.equal(hog.kill(error), true);
  assert.equal(hog.exception, error);
  assert.equal(hog.killed, true);
  sleep(0);
  sleep(0);
  assert.deepEqual(log, ['link']);
});

test('a Timeout of its own ends an endless loop', () => {
  const hog = spawn({ preempt: 5 }, () => {
    Timeout.start(10);
    spin();
  });
  assert.throws(() => hog.get(), Timeout);
  const withValue = spawn({ preempt: 5 }, () => withTimeout(10, spin, { value: 'never returned' as never }));
  assert.throws(() => withValue.get(), Timeout);
});

test('a greenlet that still blocks now and then gets the error at its blocking call', () => {
  const log: string[] = [];
  const hog = spawn({ preempt: 20 }, () => {
    try {
      for (;;) {
        for (const end = performance.now() + 2; performance.now() < end; );
        sleep(0);
      }
    } finally {
      log.push('finally');
    }
  });
  sleep(5);
  hog.kill();
  assert.deepEqual(log, ['finally']);
});

test('what a forced end leaves locked is broken', () => {
  const lock = new Lock();
  const hog = spawn({ preempt: 5 }, () => lock.use(spin));
  sleep(1);
  const waiter = spawn(() => lock.acquire());
  sleep(1);
  hog.kill();
  assert.throws(() => waiter.get(), { code: 'ERR_GREENLETS_BROKEN_LOCK' });
  assert.throws(() => lock.acquire(), { code: 'ERR_GREENLETS_BROKEN_LOCK' });
});

test('noSwitch keeps its stretch atomic', () => {
  let others = 0;
  const other = spawn(() => {
    for (;;) {
      others++;
      sleep(0);
    }
  });
  const seen = spawn({ preempt: 1 }, () =>
    noSwitch(() => {
      const before = others;
      for (const end = performance.now() + 30; performance.now() < end; );
      return others - before;
    }),
  );
  assert.equal(seen.get(), 0);
  other.kill();
});

test('a forced end in the midst of calls of this package loses nothing for others', () => {
  for (let round = 0; round < 10; round++) {
    const queue = new Queue<number | string>();
    const step = (i: number): void => {
      queue.putNowait(i);
      while (queue.size > 10) queue.getNowait();
    };
    const producer = spawn({ preempt: 1 }, () => {
      for (let i = 0; ; i++) step(i);
    });
    const consumer = spawn(() => {
      while (queue.get() !== 'end');
    });
    sleep(3);
    producer.kill();
    queue.putNowait('end');
    assert.equal(consumer.join(5000), true);
  }
});

test('an optimized loop sees what others have done to the objects it walks', () => {
  const list = Array.from({ length: 20_000 }, (_, i) => i);
  const shared = { stop: false };
  const hog = spawn({ preempt: 1 }, () => {
    let rounds = 0;
    if (shared.stop || list.length > 1e6) return -1;
    while (!shared.stop) {
      for (let i = 0; i < list.length; i++) list[i] = ((list[i] as number) + 1) & 1023;
      rounds++;
    }
    return rounds;
  });
  for (let i = 0; i < 30; i++) {
    sleep(2);
    list.length -= 500;
    for (let j = 0; j < 20; j++) list.shift();
    for (let j = 0; j < 50; j++) list.push(j);
    const garbage = Array.from({ length: 5000 }, (_, j) => [j, {}]);
    assert.ok(garbage.every(([, object]) => typeof object === 'object'));
  }
  shared.stop = true;
  assert.ok(hog.get(10_000) > 0);
});

test('the middle of regular expressions, sorts, JSON and BigInts is left alone', () => {
  const evil = 'a'.repeat(20);
  const works: (() => unknown)[] = [
    () => /^(a+)+$/.test(`${evil}b`),
    () => JSON.parse(JSON.stringify(Array.from({ length: 20_000 }, (_, i) => ({ i })))).length,
    () => Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_011).sort((a, b) => a - b)[1],
    () => String(3n ** 5000n).length,
    () => [...'abc'.repeat(3000).matchAll(/b(c)/g)].length,
    () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5),
  ];
  const expected = works.map((work) => work());
  const greenlets: Greenlet<unknown[]>[] = [1, 2, 3].map(() =>
    spawn({ preempt: 1 }, () => {
      let results: unknown[] = [];
      for (let round = 0; round < 3; round++) results = works.map((work) => work());
      return results;
    }),
  );
  joinAll(greenlets);
  for (const greenlet of greenlets) assert.deepEqual(greenlet.value, expected);
});

test('run and spawn refuse bad slices with their value', () => {
  assert.throws(() => spawn({ preempt: 0 }, spin), /RangeError.*0/);
  assert.throws(() => spawn({ preempt: Number.NaN }, spin), /RangeError.*NaN/);
  assert.throws(() => spawn({ preempt: '5' as never }, spin), /TypeError.*'5'/);
  assert.equal(spawn({ preempt: false }, () => 1).get(), 1);
});

testOnMain('run takes the option, too', async () => {
  const started = run({ preempt: 5 }, () => {
    Timeout.start(20);
    spin();
  });
  await assert.rejects(started, Timeout);
});

const WORKER = `import { run, sleep, spawn } from 'greenlets';
  import { parentPort } from 'node:worker_threads';
  await run(() => {
    const hog = spawn({ preempt: 5 }, () => { for (;;); });
    sleep(20);
    parentPort.postMessage(hog.started);
    hog.join();
  });`;

test('preemption works in workers, which can be terminated meanwhile', () => {
  wait(
    withProgram('worker.mjs', WORKER, async (path) => {
      const worker = new Worker(path);
      assert.equal(await new Promise((resolve) => worker.once('message', resolve)), true);
      assert.equal(await worker.terminate(), 1);
    }),
  );
});

testOnMain('a process can exit from within, and beside, greenlets that are preempted', async () => {
  const exits = `import { run, sleep, spawn } from 'greenlets';
    await run(() => {
      for (let i = 0; i < 3; i++) spawn({ preempt: 2 }, () => { for (;;); });
      spawn({ preempt: 2 }, () => { for (let n = 0; ; n++) if (n === 3e7) process.exit(7); });
      sleep(1e6);
    });`;
  await withProgram('app.mjs', exits, (path) => {
    assert.deepEqual(runNode([path]), { status: 7, output: '' });
  });
});
