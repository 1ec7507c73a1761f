import assert from 'node:assert/strict';
import vm from 'node:vm';
import { getHub, noSwitch, sleep, spawn } from 'greenlets';
import { Event } from 'greenlets/event';
import { getCurrent, RawGreenlet } from 'greenlets/raw';
import { child } from './support/child.ts';
import { test, testOnMain } from './support/leaks.ts';

const CANNOT_BLOCK = { code: 'ERR_GREENLETS_CANNOT_BLOCK' };

const overlapping = (join: string): string => `
  import vm from 'node:vm';
  import { run, sleep, spawn } from 'greenlets';
  await run(() => {
    ${join}
    const greenlets = Array.from({ length: 20 }, (_, i) => spawn(() => join(20 - i)));
    console.log(greenlets.map((greenlet) => greenlet.get()).join());
  });`;
const joined = `${Array.from({ length: 20 }, (_, i) => `${20 - i},x`).join()}\n`;
const JOIN = "(ms) => [{ toString() { sleep(ms); return ms; } }, 'x'].join()";

for (const [where, join] of [
  ['in a vm context', `const join = vm.runInContext(${JSON.stringify(JOIN)}, vm.createContext({ sleep }));`],
  ['in a new context', `const join = vm.runInNewContext(${JSON.stringify(JOIN)}, { sleep });`],
  [
    'of a function compiled for a context',
    `const context = vm.createContext({ sleep });
     const join = vm.compileFunction('return (' + ${JSON.stringify(JOIN)} + ')(ms)', ['ms'], { parsingContext: context });`,
  ],
  ['of the main context', `const join = ${JOIN};`],
] as const) {
  testOnMain(`joins ${where} that overlap and end out of order`, () => {
    const { status, signal, output } = child(overlapping(join));
    assert.deepEqual({ status, signal, output }, { status: 0, signal: null, output: joined });
  });
}

testOnMain('joins in a context that was made before the package was loaded', () => {
  const { status, signal, output } = child(`
    import vm from 'node:vm';
    const context = vm.createContext({});
    vm.runInContext('1', context);
    const { run, sleep, spawn } = await import('greenlets');
    context.sleep = sleep;
    const join = vm.runInContext(${JSON.stringify(JOIN)}, context);
    await run(() => {
      const greenlets = Array.from({ length: 20 }, (_, i) => spawn(() => join(20 - i)));
      console.log(greenlets.map((greenlet) => greenlet.get()).join());
    });`);
  assert.deepEqual({ status, signal, output }, { status: 0, signal: null, output: joined });
});

test('joins go on, first begun first ended, while others are ended by hard kills in whatever they do', () => {
  const block = (): void => sleep(1e6);
  const events = Array.from({ length: 20 }, () => new Event());
  const joins = events.map((event, i) => spawn(() => [{ toString: () => (event.wait(), i) }, 'x'].join()));
  const victims = [
    block,
    () => JSON.stringify({ toJSON: block }),
    () => [2, 1].sort(() => (block(), 0)),
    () => [{ toString: block }].join(),
    () => vm.runInNewContext('[{ toString: block }].join()', { block }),
  ].map((body) => spawn(body));
  sleep(1);
  for (const victim of victims) {
    victim.kill(undefined, { hard: true });
    globalThis.gc?.();
  }
  joins.forEach((join, i) => {
    events[i]?.set();
    assert.equal(join.get(), `${i},x`);
  });
});

for (const [limit, options] of [
  ['time limit', { timeout: 1000 }],
  ['Ctrl-C', { breakOnSigint: true }],
] as const) {
  test(`blocking in a vm script that a ${limit} may end is refused, in greenlets and on the main stack`, () => {
    const context = vm.createContext({ block: () => sleep(0) });
    const script = new vm.Script('block()');
    assert.throws(() => script.runInContext(context, options), CANNOT_BLOCK);
    assert.throws(() => vm.runInContext('block()', context, options), CANNOT_BLOCK);
    assert.throws(() => vm.runInNewContext('block()', { block: () => sleep(0) }, options), CANNOT_BLOCK);
    (globalThis as Record<string, unknown>).block = () => sleep(0);
    assert.throws(() => vm.runInThisContext('block()', options), CANNOT_BLOCK);
    delete (globalThis as Record<string, unknown>).block;
    script.runInContext(context);
  });
}

testOnMain('so is a raw switch under a time limit', () => {
  const greenlet = new RawGreenlet(() => 1);
  const context = vm.createContext({ go: () => greenlet.switch() });
  assert.throws(() => vm.runInContext('go()', context, { timeout: 1000 }), CANNOT_BLOCK);
  assert.equal(vm.runInContext('go()', context), 1);
});

test('a vm script that runs out of time ends only itself', () => {
  const other = spawn(() => (sleep(1), 'other'));
  const context = vm.createContext({});
  assert.throws(() => vm.runInContext('for (;;);', context, { timeout: 20 }), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  sleep(1);
  assert.equal(other.get(), 'other');
});

test('blocking in promise jobs that a context runs after each script', () => {
  const log: number[] = [];
  const context = vm.createContext({ sleep, log }, { microtaskMode: 'afterEvaluate' });
  const greenlets = [3, 1, 2].map((ms) =>
    spawn(() => {
      vm.runInContext(`Promise.resolve().then(() => { sleep(${ms}); log.push(${ms}); })`, context);
    }),
  );
  for (const greenlet of greenlets) greenlet.join();
  while (log.length < 3) sleep(1);
  assert.deepEqual(log.sort(), [1, 2, 3]);
});

test('blocking in promise jobs that run on the greenlet’s own stack is refused, and nobody loses a turn', () => {
  sleep(1); // resumed by a timer: the main stack runs no promise jobs itself
  let refusal: unknown;
  const ready = spawn(() => 'ran');
  Promise.resolve().then(() => {
    try {
      sleep(0);
    } catch (error) {
      refusal = error;
    }
  });
  (process as unknown as { _tickCallback(): void })._tickCallback();
  assert.equal((refusal as { code?: string }).code, CANNOT_BLOCK.code);
  assert.equal(ready.get(), 'ran');
  sleep(0);
});

test('a raw switch from such a promise job is refused, and hands nothing over', () => {
  sleep(1);
  let refusal: unknown;
  const main = getCurrent();
  const target = new RawGreenlet((value: unknown) => value, main);
  Promise.resolve().then(() => {
    try {
      target.throw(new Error('not to be seen'));
    } catch (error) {
      refusal = error;
    }
  });
  const suspended = new RawGreenlet(() => main.switch());
  suspended.switch();
  Promise.resolve().then(() => {
    try {
      suspended.switch('lost');
    } catch (error) {
      refusal = error;
    }
  });
  (process as unknown as { _tickCallback(): void })._tickCallback();
  assert.equal((refusal as { code?: string }).code, CANNOT_BLOCK.code);
  sleep(0);
  assert.equal(suspended.switch('kept'), 'kept');
});

test('noSwitch holds inside vm contexts and ends with its function', () => {
  const context = vm.createContext({ block: () => sleep(0) });
  assert.throws(() => noSwitch(() => vm.runInContext('block()', context)), CANNOT_BLOCK);
  vm.runInContext('block()', context);
  assert.equal(getHub().stats.ready, 0);
});

testOnMain(
  'WebAssembly.promising is refused beside greenlets, and greenlets beside it',
  () => {
    const { status, signal, output } = child(`
      import { run, spawn } from 'greenlets';
      // (module (import "e" "f" (func (result i32))) (func (export "r") (result i32) (call 0)))
      const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 2, 7, 1, 1, 0x65, 1, 0x66,
        0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x72, 0, 1, 10, 6, 1, 4, 0, 0x10, 0, 0x0b]);
      const module = new WebAssembly.Module(bytes);
      let settle;
      const f = new WebAssembly.Suspending(() => new Promise((resolve) => { settle = resolve; }));
      const promising = WebAssembly.promising(new WebAssembly.Instance(module, { e: { f } }).exports.r);
      const suspended = promising();
      await run(() => {}).catch((error) => console.log(error.code, error.message));
      settle(42);
      console.log(await suspended, await run(() => 'a greenlet'));
      await run(() => { try { promising(); } catch (error) { console.log(error.code, error.message); } });
      const plain = new WebAssembly.Instance(module, { e: { f: () => 7 } }).exports.r;
      console.log(await run(() => plain()));`);
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, output);
    assert.match(output, /ERR_GREENLETS_CANNOT_BLOCK cannot start a greenlet while a WebAssembly\.promising\(\) call/);
    assert.match(output, /^42 a greenlet$/m);
    assert.match(output, /ERR_GREENLETS_JSPI WebAssembly\.promising\(\) cannot be used/);
    assert.match(output, /^7$/m);
  },
  !('promising' in ((globalThis as { WebAssembly?: object }).WebAssembly ?? {})) && 'this Node has no promising',
);
