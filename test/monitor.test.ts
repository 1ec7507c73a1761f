import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Greenlet, getCurrent, sleep, spawn } from 'greenlets';
import { type BlockedReport, exportMetrics, type MemoryReport, startMonitor } from 'greenlets/monitor';
import { test, testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

/** Spins for `ms` milliseconds. The loops here ask Date.now(): performance.now() is JavaScript of Node's own, and where V8
 *  does not compile a loop, it can be interrupted at the calls in it only. */
function compute(ms: number): void {
  for (const end = Date.now() + ms; Date.now() < end; );
}

test('a greenlet that hogs the loop is reported once, with its stack, while it does', () => {
  const reports: BlockedReport[] = [];
  let reportedMeanwhile = false;
  using monitor = startMonitor({ maxBlocking: 50, onBlocked: (report) => reports.push(report) });
  const hog = spawn({ name: 'hog' }, function hogs() {
    for (const end = Date.now() + 5000; Date.now() < end && !reportedMeanwhile; ) {
      reportedMeanwhile = reports.length > 0;
    }
    compute(100);
  });
  hog.join();
  assert.equal(reportedMeanwhile, true);
  const [report] = reports.filter(({ greenlet }) => greenlet === hog);
  assert.equal(reports.filter(({ greenlet }) => greenlet === hog).length, 1);
  assert.equal(report?.name, 'hog');
  assert.equal(report?.ended, false);
  assert.ok((report?.blockedFor ?? 0) >= 50);
  assert.match(report?.stack ?? '', /^Error\n {4}at hogs /);
  assert.ok(monitor.blocked >= 1);
});

test('each of several that hog the loop one after the other is reported', () => {
  const reported: string[] = [];
  using _ = startMonitor({ maxBlocking: 50, onBlocked: ({ name }) => reported.push(name) });
  const names = ['first', 'second', 'third'];
  const hogs = names.map((name) =>
    spawn({ name }, () => {
      for (const end = Date.now() + 5000; Date.now() < end && !reported.includes(name); );
    }),
  );
  for (const hog of hogs) hog.join();
  assert.deepEqual(
    reported.filter((name) => names.includes(name)),
    names,
  );
});

test('neither waiting nor many short greenlets count as hogging', () => {
  const reports: BlockedReport[] = [];
  using _ = startMonitor({ maxBlocking: 500, onBlocked: (report) => reports.push(report) });
  sleep(600);
  for (let i = 0; i < 60; i++) spawn(compute, 10).join();
  assert.deepEqual(reports, []);
});

testOnMain('code on the event loop’s own stack is reported as the main greenlet’s', async () => {
  const reports: BlockedReport[] = [];
  const monitor = startMonitor({ maxBlocking: 50, onBlocked: (report) => reports.push(report) });
  await new Promise((resolve) => setTimeout(resolve, 60));
  for (const end = Date.now() + 5000; Date.now() < end && reports.length === 0; );
  monitor.stop();
  assert.equal(reports[0]?.name, 'main');
  assert.equal(reports[0]?.greenlet, getCurrent());
});

test('the callback may kill a preemptible greenlet, and cannot block', () => {
  const errors: unknown[] = [];
  using _ = startMonitor({
    maxBlocking: 30,
    onBlocked: ({ greenlet, name }) => {
      if (name !== 'runaway') return;
      (greenlet as Greenlet).kill();
      try {
        sleep(1);
      } catch (error) {
        errors.push(error);
      }
    },
  });
  const runaway = spawn({ name: 'runaway', preempt: 100 }, () => {
    for (;;);
  });
  runaway.join();
  assert.equal(runaway.killed, true);
  assert.equal((errors[0] as { code: string }).code, 'ERR_GREENLETS_CANNOT_BLOCK');
});

test('subscribers of greenlets:blocked get the report', () => {
  const reports: BlockedReport[] = [];
  const listener = (report: unknown): number => reports.push(report as BlockedReport);
  channel('greenlets:blocked').subscribe(listener);
  using _ = startMonitor({ maxBlocking: 20, onBlocked: () => {} });
  spawn({ name: 'slow' }, () => {
    for (const end = Date.now() + 5000; Date.now() < end && reports.length === 0; );
  }).join();
  channel('greenlets:blocked').unsubscribe(listener);
  assert.equal(reports[0]?.name, 'slow');
});

test('memory beyond the limit is reported while it grows, and once when it is below again', () => {
  const { rss } = process.memoryUsage;
  let bytes = 100;
  process.memoryUsage.rss = () => bytes;
  const reports: MemoryReport[] = [];
  try {
    using _ = startMonitor({ memoryLimit: 150, interval: 1, onMemory: (report) => reports.push(report) });
    for (const next of [200, 180, 220, 100, 90]) {
      bytes = next;
      sleep(10);
    }
  } finally {
    process.memoryUsage.rss = rss;
  }
  assert.deepEqual(
    reports.map(({ rss: used, exceeded }) => [used, exceeded]),
    [
      [200, true],
      [220, true],
      [100, false],
    ],
  );
});

test('bad options are refused with their value', () => {
  assert.throws(() => startMonitor(5 as never), /TypeError.*5/);
  assert.throws(() => startMonitor({ maxBlocking: 0 }), /RangeError.*0/);
  assert.throws(() => startMonitor({ maxBlocking: '5' as never }), /TypeError.*'5'/);
  assert.throws(() => startMonitor({ interval: -1 }), /RangeError.*-1/);
  assert.throws(() => startMonitor({ memoryLimit: -1 }), /RangeError.*-1/);
  assert.throws(() => startMonitor({ onBlocked: 5 as never }), /TypeError.*5/);
  assert.throws(() => exportMetrics(5 as never), /TypeError.*5/);
});

/** What prom-client does, as far as it is used: a metric is read when the registry is. */
class Metric {
  static readonly all: Record<string, Metric> = {};
  value = 0;
  readonly #collect: (this: Metric) => void;

  constructor({ name, collect }: { name: string; collect?: () => void }) {
    Metric.all[name] = this;
    this.#collect = collect as () => void;
  }
  static read(name: string): number {
    const metric = Metric.all[name] as Metric;
    Reflect.apply(metric.#collect, metric, []);
    return metric.value;
  }
  set(value: number): void {
    this.value = value;
  }
  inc(by = 1): void {
    this.value += by;
  }
  reset(): void {
    this.value = 0;
  }
}

test('metrics are read when they are asked for', () => {
  exportMetrics({ Gauge: Metric, Counter: Metric });
  const before = Metric.read('greenlets_spawned_total');
  const waiting = spawn(() => sleep(1e6));
  sleep(0);
  assert.equal(Metric.read('greenlets_spawned_total'), before + 1);
  assert.ok(Metric.read('greenlets_blocked') >= 1);
  waiting.kill();
});

const NATIVE_STALL = `import { run, sleep, spawn } from 'greenlets';
  import { startMonitor } from 'greenlets/monitor';
  startMonitor({ maxBlocking: 50 });
  await run(() => {
    spawn({ name: 'waiter' }, function stallsHere() {
      sleep(10);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
      console.error('native call has returned');
    }).join();
    sleep(200);
  });`;

testOnMain('a stall in native code is told at once, and its stack when it is over', async () => {
  await withProgram('app.mjs', NATIVE_STALL, (path) => {
    const { status, output } = runNode([path]);
    assert.equal(status, 0);
    const [early, late] = output.split('native call has returned') as [string, string];
    assert.match(
      early,
      /waiter blocks the event loop, for \d+ ms so far, in native code; last seen at stallsHere \(.*app\.mjs/,
    );
    assert.match(late, /waiter has blocked the event loop for \d+ ms\n {4}at Atomics\.wait.*\n {4}at stallsHere/);
  });
});

testOnMain('without a callback the report goes to stderr, and a monitor keeps no process alive', async () => {
  const source = `import { run, spawn } from 'greenlets';
    import { startMonitor } from 'greenlets/monitor';
    startMonitor({ maxBlocking: 50 });
    await run({ name: 'hog' }, function hogs() { for (const end = Date.now() + 300; Date.now() < end; ); });`;
  await withProgram('app.mjs', source, (path) => {
    const { status, output } = runNode([path]);
    assert.equal(status, 0);
    assert.match(output, /^greenlets: hog blocks the event loop, for \d+ ms so far\n {4}at hogs .*app\.mjs/);
  });
});

const WORKER = `import { run, sleep } from 'greenlets';
  import { startMonitor } from 'greenlets/monitor';
  import { parentPort, workerData } from 'node:worker_threads';
  let reports = 0;
  startMonitor({ maxBlocking: 20, onBlocked: () => reports++ });
  await run(() => {
    while (reports === 0) Date.now();
    parentPort.postMessage('blocked');
    if (workerData.forEver) sleep(1e6);
  });`;

// In a process of its own, where the engine is unloaded with the worker.
const WORKERS = `import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  for (const forEver of [false, true]) {
    const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { forEver } });
    const exit = once(worker, 'exit');
    await once(worker, 'message');
    if (forEver) worker.terminate();
    console.log(String(await exit));
  }`;

testOnMain('a worker with a monitor ends, and can be terminated', async () => {
  await withProgram('worker.mjs', WORKER, async (path) => {
    const main = join(dirname(path), 'main.mjs');
    writeFileSync(main, WORKERS);
    const { status, output } = runNode([main]);
    assert.equal(status, 0);
    assert.deepEqual(output.match(/^\d$/gm), ['0', '1']); // beside what the monitor may have told
  });
});
