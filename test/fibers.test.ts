import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { setTimeout as later } from 'node:timers/promises';
import { sleep, spawn } from 'greenlets';
import Fiber from 'greenlets/fibers';
import Future from 'greenlets/fibers/future';
import { test, testOnMain } from './support/leaks.ts';

testOnMain('values pass both ways between run() and yield()', () => {
  const sum = new Fiber((start: number) => {
    let total = start;
    for (;;) total += Fiber.yield(total);
  });
  assert.deepEqual([sum.run(1), sum.run(1), sum.run(5)], [1, 2, 7]);
  sum.reset();
});

testOnMain('a fiber starts without arguments, gives its return value, and may be run again', () => {
  const fiber = Fiber(function (this: unknown, ...args: unknown[]) {
    assert.equal(this, globalThis);
    return args.length;
  } as () => unknown);
  assert.ok(fiber instanceof Fiber);
  assert.equal(fiber.started, false);
  assert.deepEqual([fiber.run(), fiber.run('x'), fiber.run()], [0, 1, 0]);
  assert.equal(fiber.started, false);
});

testOnMain('Fiber.current is the running one, at every depth of fibers that run each other', () => {
  const seen: unknown[] = [];
  const inner = Fiber(() => {
    seen.push(Fiber.current);
    Fiber.yield();
    seen.push(Fiber.current);
  });
  const outer = Fiber(() => {
    seen.push(Fiber.current);
    inner.run();
    seen.push(Fiber.current);
  });
  outer.run();
  inner.run();
  assert.deepEqual(seen, [outer, inner, outer, inner]);
  assert.equal(Fiber.current, undefined);
});

testOnMain('a fiber yields to whoever ran it last, not to whoever started it', () => {
  const order: string[] = [];
  const shared = Fiber(() => {
    order.push('first');
    Fiber.yield('to a');
    order.push('second');
    return 'to main';
  });
  Fiber(() => order.push(shared.run())).run();
  order.push(shared.run());
  assert.deepEqual(order, ['first', 'to a', 'second', 'to main']);
});

testOnMain('errors travel to the caller of run(), and throwInto() raises any value where the fiber yields', () => {
  const fiber = Fiber(() => {
    try {
      Fiber.yield();
    } catch (error) {
      Fiber.yield(error);
    }
    throw new Error('out');
  });
  fiber.run();
  assert.equal(fiber.throwInto('a string'), 'a string');
  for (const nothing of [null, undefined]) {
    const careless = new Fiber(() => Fiber.yield());
    careless.run();
    let raised: unknown = 'nothing was raised';
    try {
      careless.throwInto(nothing);
    } catch (error) {
      raised = error;
    }
    assert.equal(raised, nothing);
  }
  assert.throws(() => fiber.run(), /out/);
  assert.equal(fiber.started, false);
});

testOnMain('reset() unwinds: each yield throws until the function ends, whose value it returns', () => {
  let yields = 0;
  const stubborn = Fiber(() => {
    for (; yields < 5; yields++) {
      try {
        Fiber.yield();
      } catch {}
    }
    return 'done';
  });
  assert.equal(stubborn.reset(), undefined);
  stubborn.run();
  assert.equal(stubborn.reset(), 'done');
  assert.equal(yields, 5);

  let cleaned = false;
  const plain = Fiber(() => {
    try {
      Fiber.yield();
    } finally {
      cleaned = true;
    }
  });
  plain.run();
  assert.equal(plain.reset(), undefined);
  assert.equal(cleaned, true);
  assert.equal(plain.started, false);
});

testOnMain('misuse is refused as the original did', () => {
  assert.throws(() => Fiber.yield(), /yield\(\) called with no fiber running/);
  assert.throws(() => new (Fiber as unknown as new () => Fiber)(), /Fiber expects 1 argument, got 0/);
  assert.throws(() => new Fiber(5 as never), /Fiber expects a function, got 5/);
  const fiber = Fiber(() => {
    assert.throws(() => fiber.run(), /already running/);
    assert.throws(() => fiber.reset(), /not yielding/);
    assert.throws(() => fiber.throwInto(), /not yielding/);
  });
  assert.throws(() => fiber.throwInto(), /not yielding/);
  fiber.run();
  assert.throws(() => (fiber.run as (...args: unknown[]) => unknown)(1, 2), /run\(\) expects 1 or no arguments, got 2/);
});

testOnMain('a class may extend Fiber, and its statics may be replaced', () => {
  class Named extends Fiber {
    title = 'named';
  }
  const named = new Named(() => 1);
  assert.equal(named.title, 'named');
  assert.equal(named.run(), 1);
  const { yield: original } = Fiber;
  let calls = 0;
  Fiber.yield = ((value: unknown) => {
    calls++;
    return original(value);
  }) as typeof Fiber.yield;
  try {
    const fiber = Fiber(() => Fiber.yield(2));
    assert.equal(fiber.run(), 2);
    fiber.run();
  } finally {
    Fiber.yield = original;
  }
  assert.equal(calls, 1);
});

testOnMain('a yielding fiber that nobody refers to any more is unwound', async () => {
  let cleaned = 0;
  for (let i = 0; i < 10; i++) {
    Fiber(() => {
      try {
        Fiber.yield();
      } finally {
        cleaned++;
      }
    }).run();
  }
  for (let i = 0; cleaned < 9 && i < 100; i++) {
    globalThis.gc?.();
    await later(1);
  }
  assert.ok(cleaned >= 9, `${cleaned} of 10 were unwound`);
});

testOnMain('blocking calls work in a fiber: run() returns to the event loop meanwhile', async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    const fiber = Fiber(() => {
      sleep(1);
      order.push('slept');
      resolve();
    });
    assert.equal(fiber.run(), undefined);
    assert.throws(() => fiber.run(), /already running/);
    order.push('main goes on');
  });
  assert.deepEqual(order, ['main goes on', 'slept']);
});

test('in a greenlet, run() of a fiber that blocks returns once it yields or ends', () => {
  const fiber = Fiber(() => {
    sleep(1);
    Fiber.yield('yielded');
    sleep(1);
    return 'ended';
  });
  assert.deepEqual([fiber.run(), fiber.run()], ['yielded', 'ended']);
});

testOnMain('Future.wrap turns callbacks into futures, Future.task waits for them', async () => {
  const child = Future.wrap({ execFile }, true);
  const future = Future.task(() => {
    const wrapped = child.execFileFuture(process.execPath, ['-p', '1+1']);
    assert.equal(wrapped._.spawnfile, process.execPath);
    return wrapped.wait()[0];
  });
  assert.equal(await future.promise(), '2\n');
  const get = Object.assign((cb: (error: null, value: string) => void) => cb(null, 'own'), {
    more: (cb: (error: null, value: string) => void) => cb(null, 'member'),
  });
  const wrapped = Future.wrap(get);
  assert.deepEqual([wrapped().get(), wrapped.moreFuture().get()], ['own', 'member']);
});

testOnMain('Function.prototype.future runs in a fiber and links the stacks of an error', async () => {
  const failing = function asked(): never {
    Future.fromPromise(later(1)).wait();
    throw new Error('deep');
  }.future();
  const outer = function waiting(): void {
    failing().wait();
  }.future();
  const error = await outer()
    .promise()
    .catch((reason: unknown) => reason as Error);
  assert.match((error as Error).stack as string, /^Error: deep\n.*waiting.*- - - - -.*asked/s);
});

testOnMain('several tasks run concurrently and give all values', async () => {
  const delayed = (ms: number, value: number) => () => {
    Future.fromPromise(later(ms)).wait();
    return value;
  };
  assert.deepEqual(await Future.task(delayed(3, 1), delayed(1, 2)).promise(), [1, 2]);
});

testOnMain('a future resolves once, hands on values and errors, and says what was wrong', async () => {
  const future = new Future<number>();
  assert.throws(() => future.get(), /must resolve before/);
  assert.throws(() => future.throw(null), /non-empty error, got null/);
  const copy = new Future<number>();
  const seen: unknown[] = [];
  future.proxy(copy);
  future.resolveSuccess((value) => seen.push(value)).resolve((error, value) => seen.push(error, value));
  future.resolver()(null, 7);
  assert.throws(() => future.return(8), /more than once/);
  assert.deepEqual(seen, [7, undefined, 7]);
  assert.equal(copy.get(), 7);
  const failed = new Future();
  failed.proxyErrors([new Future(), copy.isResolved() ? new Future() : copy]).throw(new Error('no'));
  assert.throws(() => failed.get(), /no/);
  await assert.rejects(failed.promise(), /no/);
  assert.throws(() => Future.wait(5 as never), /5 is not a future/);
  assert.throws(() => new Future().wait(), /Can't wait without a fiber/);
});

test('a plain greenlet may wait for futures too', () => {
  const future = new Future<string>();
  spawn(() => future.return('from another'));
  assert.equal(future.wait(), 'from another');
  const both = [Future.fromPromise(later(1)), Future.task(() => 1)];
  Future.wait(both);
  assert.ok(both.every((each) => each.isResolved()));
});

testOnMain('require() gives the class itself', () => {
  const require = createRequire(import.meta.url);
  const given = require('greenlets/fibers') as typeof Fiber & { default?: typeof Fiber };
  assert.equal(given.default ?? given, Fiber);
});
