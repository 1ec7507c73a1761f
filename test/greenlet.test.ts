import assert from 'node:assert/strict';
import { AsyncResource } from 'node:async_hooks';
import { inspect } from 'node:util';
import {
  Greenlet,
  GreenletExit,
  getCurrent,
  getHub,
  noSwitch,
  run,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
} from 'greenlets';
import { test, testOnMain } from './support/leaks.ts';

test('spawned greenlets run concurrently, first in first out', () => {
  const log: string[] = [];
  const steps = (name: string): void => {
    for (let i = 0; i < 3; i++) {
      log.push(name + i);
      sleep(0);
    }
  };
  const all = ['a', 'b', 'c'].map((name) => spawn(steps, name));
  assert.deepEqual(log, [], 'nothing runs inline');
  for (const greenlet of all) greenlet.join();
  assert.equal(log.join(' '), 'a0 b0 c0 a1 b1 c1 a2 b2 c2');
});

test('get gives the value, or throws the very error', () => {
  const failure = new Error('no');
  assert.equal(spawn((a: number, b: number) => a + b, 40, 2).get(), 42);
  const failing = spawn(() => {
    throw failure;
  });
  assert.throws(
    () => failing.get(),
    (error) => error === failure,
  );
  assert.equal(failing.exception, failure);
  assert.equal(failing.successful, false);
});

test('get throws Timeout when the greenlet has not ended in time, and it goes on', () => {
  const slow = spawn(() => {
    sleep(20);
    return 7;
  });
  assert.throws(() => slow.get(1), Timeout);
  assert.equal(slow.get(), 7);
});

test('a greenlet killed before its first turn never runs, and its links are called', () => {
  let ran = false;
  const greenlet = spawn(() => {
    ran = true;
  });
  const ended = new Promise((resolve) => greenlet.rawLink(resolve));
  assert.equal(greenlet.kill(), true);
  assert.equal(greenlet.killed, true);
  assert.equal(greenlet.dead, true);
  spawn(() => ended).get();
  assert.equal(ran, false);
});

test('kill raises GreenletExit at the blocking call and runs finally', () => {
  const log: string[] = [];
  const greenlet = spawn(() => {
    try {
      sleep(1e6);
    } finally {
      log.push('finally');
    }
  });
  sleep(0);
  assert.equal(greenlet.kill(), true);
  assert.deepEqual(log, ['finally']);
  assert.equal(greenlet.killed, true);
  assert.ok(greenlet.exception instanceof GreenletExit);
  assert.throws(() => greenlet.get(), GreenletExit);
});

test('a persistent kill is raised again at every blocking call', () => {
  let raised = 0;
  const greenlet = spawn(() => {
    for (let i = 0; i < 3; i++) {
      try {
        sleep(1e6);
      } catch {
        raised++;
      }
    }
  });
  sleep(0);
  assert.equal(greenlet.kill(undefined, { persistent: true }), true);
  assert.equal(raised, 3);
});

test('whoever catches a persistent kill in a loop keeps neither others nor timers waiting', () => {
  let fired = false;
  const greenlet = spawn(() => {
    while (!fired) {
      try {
        sleep(1e6);
      } catch {}
    }
  });
  sleep(0);
  setTimeout(() => {
    fired = true;
  }, 5);
  assert.equal(greenlet.kill(undefined, { persistent: true }), true);
});

test('a hard kill runs neither catch nor finally', () => {
  const log: string[] = [];
  const greenlet = spawn(() => {
    try {
      sleep(1e6);
    } catch {
      log.push('catch');
    } finally {
      log.push('finally');
    }
  });
  sleep(0);
  assert.equal(greenlet.kill(undefined, { hard: true }), true);
  assert.deepEqual(log, []);
  assert.equal(greenlet.killed, true);
});

test('a timeout around endless sleep(0) fires', () => {
  const result = Timeout.run(
    10,
    () => {
      for (;;) sleep(0);
    },
    false,
  );
  assert.equal(result, undefined);
});

test('nested timeouts are told apart by identity', () => {
  const outer = Timeout.start(1000);
  const inner = Timeout.start(1);
  assert.throws(
    () => sleep(1e6),
    (error) => error === inner,
  );
  assert.equal(outer.pending, true);
  outer.cancel();
  assert.equal(outer.pending, false);
});

test('a function that returns a promise ends when it settles', () => {
  assert.equal(spawn(async () => 'later').get(), 'later');
});

test('spawnLater does not run when it is killed before', () => {
  let ran = false;
  const greenlet = spawnLater(1, () => {
    ran = true;
  });
  greenlet.kill();
  sleep(5);
  assert.equal(ran, false);
});

test('stack tells where a greenlet is blocked', () => {
  const greenlet = spawn(function blockedHere() {
    sleep(1e6);
  });
  sleep(0);
  assert.match(greenlet.stack, /blockedHere/);
  greenlet.kill();
});

test('the stack of any greenlet can be read from anywhere, and shows no frames of this package', () => {
  const main = getCurrent().parent;
  const blocked = spawn(function deepInside() {
    [1].forEach(function callback() {
      [2].map(() => sleep(1e6));
    });
  });
  const beforeFirstTurn = blocked.stack;
  sleep(0);
  const stack = noSwitch(() => blocked.stack);
  assert.equal(beforeFirstTurn, '');
  assert.match(
    stack,
    /^Error\n {4}at .*\n {4}at Array\.map.*\n {4}at callback.*\n {4}at Array\.forEach.*\n {4}at deepInside/,
  );
  assert.doesNotMatch(stack, /park|switchOut|runCurrent/);
  assert.equal(spawn(() => blocked.stack).get(), stack);
  assert.match(main?.stack ?? '', /^Error/);
  assert.match(getCurrent().stack, /greenlet\.test/);
  assert.equal(wait(Promise.resolve().then(() => blocked.stack)), stack);
  blocked.kill();
  assert.equal(blocked.stack, '');
});

test('a stack is as deep as the greenlet, and Error.stackTraceLimit stays what it was', () => {
  const { stackTraceLimit } = Error;
  const dive = (depth: number): void => (depth === 0 ? sleep(1e6) : dive(depth - 1));
  const deep = spawn(dive, 50);
  sleep(0);
  assert.equal(deep.stack.match(/ dive /g)?.length, 51);
  assert.equal(Error.stackTraceLimit, stackTraceLimit);
  deep.kill();
});

test('a stack can be read again and again while its greenlet is inside a callback of Node', () => {
  const held = spawn(() =>
    new AsyncResource('Test').runInAsyncScope(() => JSON.stringify({ toJSON: () => sleep(20) })),
  );
  sleep(0);
  for (let i = 0; i < 1000; i++) assert.match(held.stack, /runInAsyncScope/);
  assert.equal(held.get(), undefined);
});

test('console.log and messages show a greenlet as its users know it', () => {
  class Job extends Greenlet<number> {
    readonly url = 'x';
  }
  const job = new Job(() => {
    sleep(0);
    return 7;
  });
  job.name = 'job';
  const shown = (state: string): string => `Job {\n  id: ${job.id},\n  name: 'job',\n  state: ${state},\n  url: 'x'\n}`;
  const show = (): string => inspect(job, { compact: false });
  assert.equal(show(), shown("'new'"));
  job.start();
  assert.equal(show(), shown("'ready'"));
  job.join();
  assert.equal(show(), shown("'dead',\n  value: 7"));
  assert.equal(inspect([[[job]]]), '[ [ [ [Job] ] ] ]');
  const { id, name } = getCurrent() as Greenlet;
  assert.equal(inspect(getCurrent()), `Greenlet { id: ${id}, name: '${name}', state: 'running' }`);
  const killed = spawn(() => {});
  killed.kill();
  assert.match(inspect(killed), /state: 'dead',\n {2}exception: GreenletExit/);
});

test('bad input is refused with the value', () => {
  assert.throws(() => sleep(-1), /RangeError.*-1/);
  assert.throws(() => sleep(Number.NaN), RangeError);
  assert.throws(() => new Timeout(-5), RangeError);
  assert.throws(() => spawn(5 as never), TypeError);
  assert.throws(() => new Greenlet('x' as never), /TypeError.*x/);
});

testOnMain('a blocking call on the main stack throws and says what to do', () => {
  assert.throws(() => sleep(1), { code: 'ERR_GREENLETS_CANNOT_BLOCK', message: /spawn\(\)/ });
});

testOnMain('an unobserved failure is reported to the hub', async () => {
  const failure = new Error('nobody looked');
  const reported = new Promise((resolve) => getHub().once('error', (_, error) => resolve(error)));
  spawn(() => {
    throw failure;
  });
  assert.equal(await reported, failure);
});

testOnMain('run rejects as the function throws', async () => {
  await assert.rejects(
    run(() => {
      sleep(1);
      throw new Error('inside');
    }),
    /inside/,
  );
});
