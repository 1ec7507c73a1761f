import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { all, getCurrent, run, sleep, spawn, toAsync, wait } from 'greenlets';
import { RawGreenlet } from 'greenlets/raw';
import { child, UNDER_FLAGS } from './support/child.ts';
import { test, testOnMain } from './support/leaks.ts';

test('joins that overlap and end out of order', () => {
  const slow = (ms: number) => ({ toString: () => (sleep(ms), String(ms)) });
  const greenlets = [5, 1, 3].map((ms) => spawn(() => [slow(ms), 'x'].join()));
  assert.deepEqual(
    greenlets.map((greenlet) => greenlet.get()),
    ['5,x', '1,x', '3,x'],
  );
});

test('JSON.stringify, sort and replace that overlap and end out of order', () => {
  const slow = (ms: number) => ({ toJSON: () => (sleep(ms), ms) });
  const texts = [5, 1, 3].map((ms) => spawn(() => JSON.stringify([slow(ms), { a: slow(ms) }])));
  const sorted = [4, 2].map((ms) => spawn(() => [3, 1, 2].sort((a, b) => (sleep(ms), a - b)).join()));
  const replaced = [2, 1].map((ms) => spawn(() => 'aba'.replace(/a/g, () => (sleep(ms), String(ms)))));
  assert.deepEqual(
    texts.map((greenlet) => greenlet.get()),
    ['[5,{"a":5}]', '[1,{"a":1}]', '[3,{"a":3}]'],
  );
  assert.deepEqual(
    sorted.map((greenlet) => greenlet.get()),
    ['1,2,3', '1,2,3'],
  );
  assert.deepEqual(
    replaced.map((greenlet) => greenlet.get()),
    ['2b2', '1b1'],
  );
});

test('blocking works in map, getters, constructors, proxies, generators and destructuring', () => {
  class Slow {
    readonly made: number;
    constructor() {
      sleep(0);
      this.made = 1;
    }
    get value(): number {
      sleep(0);
      return 2;
    }
  }
  const proxy = new Proxy({} as Record<string, number>, { get: () => (sleep(0), 3) });
  function* generate(): Generator<number> {
    sleep(0);
    yield 4;
  }
  const [fourth] = generate();
  assert.deepEqual(
    [1].map(() => (sleep(0), [new Slow().made, new Slow().value, proxy.x, fourth])),
    [[1, 2, 3, 4]],
  );
});

test(
  'fetch in a loop beside suspended greenlets',
  () => {
    const server = http.createServer((_, response) => response.end('ok'));
    wait(new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    const { port } = server.address() as { port: number };
    const asleep = Array.from({ length: 50 }, () => spawn(() => sleep(1e6)));
    const texts = all(
      Array.from({ length: 20 }, () =>
        spawn(() => {
          let text = '';
          for (let i = 0; i < 10; i++) text += wait(wait(fetch(`http://127.0.0.1:${port}/`)).text());
          return text;
        }),
      ),
    );
    assert.ok(texts.every((text) => text === 'ok'.repeat(10)));
    for (const greenlet of asleep) greenlet.kill();
    server.closeAllConnections();
    wait(new Promise((resolve) => server.close(resolve)));
  },
  !('WebAssembly' in globalThis) && 'fetch needs WebAssembly',
);

testOnMain('a request handler that blocks, with timers and microtasks still served', async () => {
  const handler = toAsync((_: http.IncomingMessage, response: http.ServerResponse) => {
    sleep(1);
    wait(new Promise((resolve) => process.nextTick(resolve)));
    response.end('done');
  });
  const server = http.createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const get = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const request = http.get({ port, host: '127.0.0.1' }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text));
      });
      request.on('error', reject);
    });
  const responses = await Promise.all(Array.from({ length: 50 }, get));
  assert.ok(responses.every((text) => text === 'done'));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a module whose top level blocks is finished for every greenlet that requires it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  try {
    writeFileSync(
      join(directory, 'slow.cjs'),
      'globalThis.evaluated = (globalThis.evaluated ?? 0) + 1; exports.a = 1; globalThis.blockHere(); exports.b = 2;',
    );
    (globalThis as Record<string, unknown>).blockHere = () => sleep(2);
    const require = createRequire(join(directory, 'x.cjs'));
    const greenlets = [1, 2, 3].map(() => spawn(() => ({ ...require('./slow.cjs') })));
    for (const greenlet of greenlets) assert.deepEqual(greenlet.get(), { a: 1, b: 2 });
    assert.equal((globalThis as Record<string, unknown>).evaluated, 1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a kill of who evaluates a module is not the kill of those who wait for it: the next one evaluates it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  try {
    writeFileSync(join(directory, 'slow.cjs'), 'globalThis.blockOnce(); exports.done = true;');
    let evaluated = 0;
    (globalThis as Record<string, unknown>).blockOnce = () => {
      if (++evaluated === 1) sleep(1e6);
    };
    const require = createRequire(join(directory, 'x.cjs'));
    const [first, ...others] = [1, 2, 3].map(() => spawn(() => require('./slow.cjs').done));
    sleep(0);
    first?.kill();
    assert.equal(first?.killed, true);
    for (const greenlet of others) assert.equal(greenlet.get(), true);
    assert.equal(evaluated, 2);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('modules that require each other from two greenlets do not deadlock', () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  try {
    for (const [me, other] of ['ab', 'ba']) {
      writeFileSync(
        join(directory, `${me}.cjs`),
        `globalThis.blockHere(); exports.other = require('./${other}.cjs'); exports.me = '${me}';`,
      );
    }
    (globalThis as Record<string, unknown>).blockHere = () => sleep(2);
    const require = createRequire(join(directory, 'x.cjs'));
    const greenlets = ['a', 'b'].map((name) => spawn(() => require(`./${name}.cjs`).me));
    assert.deepEqual(
      greenlets.map((greenlet) => greenlet.get(2000)),
      ['a', 'b'],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

testOnMain('LoopExit names who is stuck', () => {
  const { output } = child(`
    import { Greenlet, run } from 'greenlets';
    run(function stuckHere() { new Greenlet(() => {}).join(); }).catch((error) => console.log(error.code, error.message));`);
  assert.match(output, /ERR_GREENLETS_LOOP_EXIT/);
  assert.match(output, /stuckHere/);
});

testOnMain('an unobserved failure ends the process as an uncaught exception', () => {
  const { status, output } = child(`
    import { spawn } from 'greenlets';
    spawn(() => { throw new Error('nobody looks'); });`);
  assert.equal(status, 1);
  assert.match(output, /nobody looks/);
});

testOnMain('an uncaught exception handler that runs on a greenlet’s stack leaves ids whole', () => {
  const { status, output } = child(`
    import { AsyncLocalStorage } from 'node:async_hooks';
    import { run, sleep, spawn } from 'greenlets';
    process.on('uncaughtException', (error) => console.log('seen', error.message));
    const storage = new AsyncLocalStorage();
    await run(() => storage.run(1, () => {
      queueMicrotask(() => { throw new Error('from a microtask'); });
      sleep(1);
      console.log(storage.getStore());
    }));`);
  assert.equal(status, 0, output);
  assert.match(output, /seen from a microtask\n1/);
});

test('many suspended while the heap churns', () => {
  const greenlets = Array.from({ length: 2000 }, (_, i) =>
    spawn(() => {
      const local = { i, list: [i, i + 1] };
      sleep(20);
      return local.i + (local.list[1] as number);
    }),
  );
  sleep(0);
  const churn: unknown[] = [];
  for (let i = 0; i < 200; i++) churn.push(Array.from({ length: 1000 }, (_, k) => ({ k })));
  globalThis.gc?.();
  greenlets.forEach((greenlet, i) => {
    assert.equal(greenlet.get(), 2 * i + 1);
  });
});

testOnMain('a suspended raw greenlet that nobody refers to is unwound after a collection', async () => {
  let unwound = false;
  (() => {
    const main = getCurrent();
    const greenlet = new RawGreenlet(() => {
      try {
        main.switch();
      } finally {
        unwound = true;
      }
    });
    greenlet.switch();
  })();
  for (let i = 0; i < 50 && !unwound; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(unwound, true);
});

testOnMain('code caches made before loading are accepted after', async () => {
  const { output } = child(`
    import vm from 'node:vm';
    const source = 'function f() { return 42; } f()';
    const cachedData = new vm.Script(source).createCachedData();
    const { run } = await import('greenlets');
    await run(() => {});
    console.log('rejected', new vm.Script(source, { cachedData }).cachedDataRejected);`);
  assert.match(output, /rejected false/);
});

testOnMain('overflow, then blocking, in a deep greenlet', async () => {
  const depth = await run(() => {
    let reached = 0;
    const dive = (): void => {
      reached++;
      dive();
    };
    assert.throws(dive, RangeError);
    sleep(1);
    return reached;
  });
  assert.ok(depth > 500);
  assert.ok(execFileSync(process.execPath, ['-p', '1'], { encoding: 'utf8' }).startsWith('1'));
});

testOnMain(
  '100,000 greenlets suspended at once keep their locals',
  () => {
    const { status, output } = child(
      `
    import { run, sleep, spawn } from 'greenlets';
    const count = 100_000;
    await run(() => {
      const all = Array.from({ length: count }, (_, i) => spawn(() => {
        const local = { i };
        sleep(50);
        return local.i;
      }));
      let sum = 0;
      for (const greenlet of all) sum += greenlet.get();
      console.log(sum === (count * (count - 1)) / 2);
    });
    process.exit(0);`,
      ['--min-semi-space-size=16', '--max-semi-space-size=64'],
    );
    assert.deepEqual({ status, output }, { status: 0, output: 'true\n' });
  },
  UNDER_FLAGS && 'a flag may make each collection look at all of them',
);

/** In optimized code byteLength() is a fast call of V8, in which it makes the string flat, and so may collect. */
const FAST_CALLS = `
  let keep = [];
  function step(i) {
    const text = 'm'.repeat(1000) + i;
    const kept = { i, bytes: Buffer.byteLength(text) };
    keep.push(kept, text);
    if (keep.length > 5000) keep = [];
  }
  function steps(count) { for (let i = 0; i < count; i++) step(i); }
  const many = ${UNDER_FLAGS ? 1_000 : 20_000};`;

testOnMain('collections in fast calls of V8, in code that was optimized before greenlets were loaded', () => {
  const { status, output } = child(`${FAST_CALLS}
    for (let i = 0; i < 30; i++) steps(many);
    const { run, sleep } = await import('greenlets');
    const waiting = run(() => { const kept = { kept: 'kept' }; sleep(300); return kept; });
    for (let i = 0; i < 50; i++) {
      steps(many);
      await new Promise(setImmediate);
    }
    console.log((await waiting).kept);`);
  assert.equal(status, 0, output);
  assert.match(output, /^kept$/m);
});

testOnMain('collections in fast calls of V8, in code that is optimized later, inside greenlets too', () => {
  const { status, output } = child(`${FAST_CALLS}
    const { run, sleep, spawn } = await import('greenlets');
    await run(() => {
      const waiting = Array.from({ length: 10 }, (_, i) => spawn(() => {
        const kept = { i };
        for (let round = 0; round < 5; round++) { steps(many); sleep(0); }
        return kept;
      }));
      console.log(waiting.map((greenlet) => greenlet.get().i).join());
    });
    steps(25 * many);`);
  assert.equal(status, 0, output);
  assert.match(output, /^0,1,2,3,4,5,6,7,8,9$/m);
});
