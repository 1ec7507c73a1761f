import assert from 'node:assert/strict';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { child } from './support/child.ts';
import { testOnMain as test } from './support/leaks.ts';

const library = JSON.stringify(import.meta.resolve('greenlets'));
const PRELUDE = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { run, sleep, spawn } from ${library};`;

function startWorker(source: string, options: WorkerOptions = {}): Worker {
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(PRELUDE + source)}`), options);
}
function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}
function exitCode(worker: Worker): Promise<number> {
  return new Promise((resolve) => worker.once('exit', resolve));
}

test('greenlets run in several workers at once', async () => {
  const workers = [1, 2, 3].map(() =>
    startWorker(`
      parentPort.postMessage(await run(() => {
        const greenlets = Array.from({ length: 200 }, (_, i) => spawn(() => { sleep(i % 3); return i; }));
        return greenlets.reduce((sum, greenlet) => sum + greenlet.get(), 0);
      }));`),
  );
  const exits = workers.map(exitCode);
  assert.deepEqual(await Promise.all(workers.map(message)), [19900, 19900, 19900]);
  assert.deepEqual(await Promise.all(exits), [0, 0, 0]);
});

const ENDLESS = {
  'a loop of sleep(0)': 'for (;;) sleep(0);',
  'a loop that computes': 'for (;;);',
  'a catch-all': 'for (;;) { try { sleep(1); } catch {} finally { try { sleep(1); } catch {} } }',
  'a blocking call inside a sort': '[2, 1].sort(() => { sleep(1e6); return 0; });',
  'a blocking call inside a join': '[{ toString: () => sleep(1e6) }].join();',
  'a blocking call in an async scope': "new AsyncResource('Test').runInAsyncScope(() => sleep(1e6));",
};

for (const [name, body] of Object.entries(ENDLESS)) {
  test(`a worker is terminated in ${name}, with others suspended`, async () => {
    const worker = startWorker(`
      import { AsyncResource } from 'node:async_hooks';
      run(() => {
        for (let i = 0; i < 100; i++) spawn(() => { try { sleep(1e6); } finally { sleep(1e6); } });
        sleep(1);
        parentPort.postMessage('ready');
        ${body}
      });`);
    assert.equal(await message(worker), 'ready');
    await worker.terminate();
  });
}

test('a worker is terminated with thousands suspended', async () => {
  const worker = startWorker(`
    run(() => {
      for (let i = 0; i < 5000; i++) spawn(() => sleep(1e6));
      sleep(1);
      parentPort.postMessage('ready');
      sleep(1e6);
    });`);
  await message(worker);
  await worker.terminate();
});

test('a worker that exits in a greenlet has that exit code, and runs no finally of others', async () => {
  const worker = startWorker(`
    run(() => {
      spawn(() => { try { sleep(1e6); } finally { parentPort.postMessage('finally'); } });
      sleep(1);
      process.exit(5);
    });`);
  const messages: unknown[] = [];
  worker.on('message', (text) => messages.push(text));
  assert.equal(await exitCode(worker), 5);
  assert.deepEqual(messages, []);
});

test('an error in a worker’s greenlet reaches the parent', async () => {
  const worker = startWorker(`spawn(() => { sleep(1); throw new TypeError('from a greenlet'); });`);
  const error = await new Promise<Error>((resolve) => worker.once('error', resolve));
  assert.equal(error.message, 'from a greenlet');
});

test('workers that end with greenlets suspended leave no memory behind', () => {
  const { status, signal, output } = child(`
    import { readFileSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${PRELUDE}
      run(() => {
        for (let i = 0; i < 300; i++) spawn(() => sleep(1e6));
        sleep(1);
        parentPort.postMessage('ready');
        sleep(1e6);
      });`)};
    const resident = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    const one = async () => {
      const worker = new Worker(source, { eval: true });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    };
    for (let i = 0; i < 6; i++) await one();
    const before = resident();
    for (let i = 0; i < 12; i++) await one();
    const grown = (resident() - before) / 12;
    console.log(grown < 1.5 ? 'no growth' : \`grown by \${grown} MB a worker\`);`);
  assert.deepEqual({ status, signal, output }, { status: 0, signal: null, output: 'no growth\n' });
});

test('joins outlive hard kills wherever the collector has put what the engine looks for when it starts', () => {
  const { status, signal, output } = child(
    `
    import { Worker } from 'node:worker_threads';
    const source = ${JSON.stringify(`${PRELUDE}
      run(() => {
        const joins = [1, 2, 3].map((ms) => spawn(() => [{ toString: () => (sleep(ms), ms) }, 'x'].join()));
        const victim = spawn(() => [{ toString: () => sleep(1e6) }].join());
        sleep(0);
        victim.kill(undefined, { hard: true });
        parentPort.postMessage(joins.map((join) => join.get()).join(' '));
      });`)};
    const texts = new Set();
    for (let i = 0; i < 30; i++) {
      const worker = new Worker(source, { eval: true });
      await new Promise((resolve) => worker.once('message', (text) => texts.add(text)).once('exit', resolve));
    }
    console.log([...texts].join());`,
    ['--stress-scavenge=50'],
  );
  assert.deepEqual({ status, signal, output }, { status: 0, signal: null, output: '1,x 2,x 3,x\n' });
});

test('the process ends with thousands suspended', () => {
  for (const [code, end] of [
    [7, 'process.exit(7)'],
    [8, 'process.exitCode = 8; setTimeout(() => process.exit(), 1); sleep(1e6)'],
  ] as const) {
    const { status, signal, output } = child(`
      import { run, sleep, spawn } from 'greenlets';
      run(() => {
        for (let i = 0; i < 5000; i++) spawn(() => { try { sleep(1e6); } finally { console.log('finally'); } });
        sleep(1);
        ${end};
      });`);
    assert.deepEqual({ status, signal, output }, { status: code, signal: null, output: '' });
  }
});

test('exit handlers that run on a greenlet’s stack cannot block, whatever their order', () => {
  const { status, output } = child(`
    import { run, sleep } from 'greenlets';
    const handler = () => { try { sleep(1); } catch (error) { console.log(error.code); } };
    process.on('exit', handler);
    process.prependListener('exit', handler);
    run(() => { sleep(1); process.exit(3); });`);
  assert.equal(status, 3);
  assert.equal(output, 'ERR_GREENLETS_CANNOT_BLOCK\nERR_GREENLETS_CANNOT_BLOCK\n');
});

test('an uncaught exception that ends the process from a greenlet’s stack runs exit handlers once', () => {
  const { status, output } = child(`
    import { run, sleep } from 'greenlets';
    process.on('exit', () => { try { sleep(1); } catch (error) { console.log('exit', error.code); } });
    run(() => {
      sleep(1);
      queueMicrotask(() => { throw new Error('fatal'); });
      process._tickCallback();
      console.log('not reached');
    });`);
  assert.equal(status, 1);
  assert.match(output, /Error: fatal/);
  assert.equal(output.match(/exit ERR_GREENLETS_CANNOT_BLOCK/g)?.length, 1, output);
  assert.doesNotMatch(output, /not reached/);
});
