import assert from 'node:assert/strict';
import { getHub, sleep, spawn, spawnRaw } from 'greenlets';
import { Event } from 'greenlets/event';
import {
  GreenletError,
  GreenletExit,
  getCurrent,
  getTrace,
  InvalidSwitchError,
  RawGreenlet,
  setTrace,
} from 'greenlets/raw';
import { test, testOnMain } from './support/leaks.ts';

testOnMain('the first switch calls run with the arguments; later ones are what the pending switch returns', () => {
  const main = getCurrent();
  const greenlet = new RawGreenlet((...args: unknown[]) => {
    assert.deepEqual(args, [1, 2]);
    assert.equal(main.switch('a'), undefined);
    assert.equal(main.switch('b'), 5);
    assert.deepEqual(main.switch('c'), [5, 6]);
    return 'result';
  });
  assert.deepEqual([greenlet.started, greenlet.dead, typeof greenlet.run], [false, false, 'function']);
  assert.equal(greenlet.switch(1, 2), 'a');
  assert.deepEqual([greenlet.started, greenlet.dead, greenlet.run], [true, false, undefined]);
  assert.equal(greenlet.switch(), 'b');
  assert.equal(greenlet.switch(5), 'c');
  assert.equal(greenlet.switch(5, 6), 'result');
  assert.deepEqual([greenlet.started, greenlet.dead], [false, true]);
});

testOnMain('switching to oneself returns the argument', () => {
  const me = getCurrent();
  assert.deepEqual([me.switch(), me.switch(5), me.switch(5, 6)], [undefined, 5, [5, 6]]);
});

testOnMain(
  'the end of run is the result of the parent’s pending switch; an unstarted parent is started with it',
  () => {
    const main = getCurrent();
    const parent = new RawGreenlet((value: unknown) => ['parent got', value]);
    const child = new RawGreenlet(() => 'from the child', parent);
    assert.equal(child.parent, parent);
    assert.deepEqual(child.switch(), ['parent got', 'from the child']);
    assert.deepEqual([parent.dead, child.dead], [true, true]);
    assert.equal(new RawGreenlet(() => 1).parent, main);
  },
);

testOnMain('an error propagates into the parent; GreenletExit is handed over as a value', () => {
  const main = getCurrent();
  const failure = new Error('failed');
  const parent = new RawGreenlet(() => {
    const child = new RawGreenlet(() => {
      throw failure;
    });
    try {
      child.switch();
    } catch (error) {
      return ['caught', error];
    }
    return 'not reached';
  });
  assert.deepEqual(parent.switch(), ['caught', failure]);
  const exit = new GreenletExit();
  const exiting = new RawGreenlet(() => {
    throw exit;
  });
  assert.equal(exiting.switch(), exit);
  const suspended = new RawGreenlet(() => main.switch());
  suspended.switch();
  assert.throws(
    () => suspended.throw(failure),
    (error) => error === failure,
  );
  assert.equal(suspended.dead, true);
});

testOnMain('switching and throwing to a dead greenlet go to its first living ancestor', () => {
  const dead = new RawGreenlet(() => {}, new RawGreenlet(() => {}));
  dead.switch();
  assert.equal(dead.dead, true);
  assert.deepEqual([dead.switch(), dead.switch(7), dead.switch(7, 8)], [undefined, 7, [7, 8]]);
  assert.throws(() => dead.throw(new Error('to an ancestor')), /to an ancestor/);
  assert.ok(dead.throw() instanceof GreenletExit);
});

testOnMain('throw(Class) makes an instance; what is no error is refused with the value, without a switch', () => {
  const main = getCurrent();
  class Own extends Error {}
  const greenlet = new RawGreenlet(() => {
    try {
      main.switch();
    } catch (error) {
      return error;
    }
    return undefined;
  });
  greenlet.switch();
  for (const bad of [5, 'text', {}, null]) assert.throws(() => greenlet.throw(bad), /TypeError: expected an Error/);
  assert.equal(greenlet.dead, false);
  assert.ok(greenlet.throw(Own) instanceof Own);
});

testOnMain('throwing into oneself raises here; into one not started it never runs', () => {
  assert.throws(() => getCurrent().throw(new Error('here')), /here/);
  const unstarted = new RawGreenlet(() => assert.fail('must not run'));
  assert.ok(unstarted.throw() instanceof GreenletExit);
  assert.equal(unstarted.dead, true);
  assert.throws(() => {
    unstarted.run = () => assert.fail();
  }, GreenletError);
});

testOnMain('run can be set before the start; without any, switching throws and starts nothing', () => {
  const greenlet = new RawGreenlet();
  assert.throws(() => greenlet.switch(), GreenletError);
  assert.deepEqual([greenlet.started, greenlet.dead], [false, false]);
  greenlet.run = () => 'set later';
  assert.equal(greenlet.switch(), 'set later');
  assert.equal(greenlet.run, undefined);
  assert.throws(() => {
    greenlet.run = () => 1;
  }, GreenletError);
});

testOnMain('parent: cycles, foreign objects and the main greenlet’s are refused, and nothing changes', () => {
  const main = getCurrent();
  const a = new RawGreenlet(() => {});
  const b = new RawGreenlet(() => {}, a);
  const c = new RawGreenlet(() => {}, b);
  for (const cyclic of [a, b, c]) {
    assert.throws(() => {
      a.parent = cyclic;
    }, GreenletError);
  }
  for (const foreign of [5, {}, null, undefined]) {
    assert.throws(() => {
      a.parent = foreign as never;
    }, TypeError);
  }
  assert.equal(a.parent, main);
  assert.equal(main.parent, undefined);
  assert.throws(() => {
    main.parent = a;
  }, GreenletError);
  c.parent = a;
  assert.equal(c.parent, a);
  assert.throws(() => new RawGreenlet(() => {}, 5 as never), /TypeError.*5/);
  assert.throws(() => new RawGreenlet('x' as never), /TypeError.*x/);
});

testOnMain('setTrace gives the callback before; an error in it ends tracing and surfaces at the switch', () => {
  const first = (): void => {};
  assert.equal(getTrace(), null);
  assert.equal(setTrace(first), null);
  assert.equal(getTrace(), first);
  const failing = (): void => {
    throw new Error('in the trace');
  };
  assert.equal(setTrace(failing), first);
  assert.throws(() => new RawGreenlet(() => 1).switch(), /in the trace/);
  assert.equal(getTrace(), null);
  assert.equal(new RawGreenlet(() => 1).switch(), 1);
  assert.throws(() => setTrace(5 as never), /TypeError.*5/);
});

testOnMain('any greenlet may switch to any other', () => {
  const log: string[] = [];
  const a: RawGreenlet = new RawGreenlet(() => {
    log.push('a1');
    b.switch();
    log.push('a2');
    b.switch();
  });
  const b: RawGreenlet = new RawGreenlet(() => {
    log.push('b1');
    a.switch();
    log.push('b2');
  });
  a.switch();
  a.throw();
  assert.deepEqual(log, ['a1', 'b1', 'a2', 'b2']);
});

testOnMain(
  'a blocking call in a raw greenlet parks it in the hub; main’s pending switch returns undefined',
  async () => {
    const done = new Event();
    const greenlet = new RawGreenlet(() => {
      sleep(1);
      done.set();
      return 'ended';
    });
    assert.equal(greenlet.switch(), undefined);
    assert.equal(greenlet.dead, false);
    assert.throws(() => greenlet.switch(), InvalidSwitchError);
    assert.throws(() => greenlet.throw(), { code: 'ERR_GREENLETS_INVALID_SWITCH' });
    await spawn(() => done.wait()).toPromise();
    await new Promise(setImmediate);
    assert.equal(greenlet.dead, true);
  },
);

test('a foreign switch into a parked greenlet throws in the caller, and leaves it parked', () => {
  const event = new Event();
  const parked = spawn(() => event.wait());
  const ready = spawn(() => 1);
  assert.throws(() => ready.switch(), InvalidSwitchError);
  sleep(0);
  assert.throws(() => parked.switch('intruder'), InvalidSwitchError);
  event.set();
  assert.equal(parked.get(), true);
});

test('two greenlets of the hub may switch by hand between raw ones of theirs', () => {
  const results = [1, 2].map((n) =>
    spawn(() => {
      const me = getCurrent();
      const generator = new RawGreenlet(() => {
        for (let i = 0; i < 3; i++) me.switch(n * 10 + i);
        return 'end';
      });
      const seen: unknown[] = [];
      while (!generator.dead) {
        seen.push(generator.switch());
        sleep(0);
      }
      return seen;
    }),
  );
  assert.deepEqual(
    results.map((greenlet) => greenlet.get()),
    [
      [10, 11, 12, 'end'],
      [20, 21, 22, 'end'],
    ],
  );
});

test('spawnRaw starts at the next turn, and takes arguments', () => {
  const done = new Event();
  let sum = 0;
  const greenlet = spawnRaw(
    (a: number, b: number) => {
      sum = a + b;
      done.set();
    },
    2,
    3,
  );
  assert.equal(sum, 0);
  done.wait();
  assert.equal(sum, 5);
  sleep(0);
  assert.equal(greenlet.dead, true);
  assert.throws(() => spawnRaw(5 as never), /TypeError.*5/);
  assert.ok(getHub().stats.spawned > 0);
});
