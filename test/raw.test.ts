import assert from 'node:assert/strict';
import { setTimeout as later } from 'node:timers/promises';
import { GreenletError, GreenletExit, getCurrent, RawGreenlet, setTrace } from 'greenlets/raw';
import { testOnMain as test } from './support/leaks.ts';

test('switch passes values both ways', () => {
  const main = getCurrent();
  const seen: unknown[] = [];
  const greenlet = new RawGreenlet((a: number, b: number) => {
    seen.push(a, b);
    seen.push(main.switch('first'));
    seen.push(main.switch(1, 2));
    return 'end';
  });
  assert.equal(greenlet.switch(4, 5), 'first');
  assert.deepEqual(greenlet.switch(), [1, 2]);
  assert.equal(greenlet.switch('last'), 'end');
  assert.deepEqual(seen, [4, 5, undefined, 'last']);
  assert.equal(greenlet.dead, true);
});

test('an error goes to the parent, GreenletExit is handed over as a value', () => {
  const failing = new RawGreenlet(() => {
    throw new Error('up');
  });
  assert.throws(() => failing.switch(), /up/);
  const suspended = new RawGreenlet(() => getCurrent().parent?.switch());
  suspended.switch();
  assert.ok(suspended.throw() instanceof GreenletExit);
  assert.equal(suspended.dead, true);
});

test('throw into one not started kills it and raises in the parent', () => {
  const greenlet = new RawGreenlet(() => assert.fail('must not run'));
  assert.throws(() => greenlet.throw(new Error('early')), /early/);
  assert.equal(greenlet.dead, true);
  assert.ok(new RawGreenlet(() => {}).throw() instanceof GreenletExit);
});

test('switching to a dead greenlet goes to its first living ancestor', () => {
  const greenlet = new RawGreenlet(() => {});
  greenlet.switch();
  assert.equal(greenlet.switch(3), 3);
  assert.deepEqual(greenlet.switch(3, 4), [3, 4]);
});

test('run is gone once started; a subclass may define it', () => {
  class Counter extends RawGreenlet {
    override run(): number {
      return 9;
    }
  }
  assert.equal(new Counter().switch(), 9);
  const greenlet = new RawGreenlet(() => 1);
  assert.equal(typeof greenlet.run, 'function');
  greenlet.switch();
  assert.equal(greenlet.run, undefined);
  assert.throws(() => {
    (greenlet as { run: unknown }).run = () => {};
  }, GreenletError);
  assert.throws(() => new RawGreenlet().switch(), GreenletError);
});

test('a cyclic parent chain and a foreign parent are refused', () => {
  const a = new RawGreenlet(() => {});
  const b = new RawGreenlet(() => {}, a);
  assert.throws(() => {
    a.parent = b;
  }, GreenletError);
  assert.throws(() => {
    a.parent = {} as never;
  }, TypeError);
  assert.throws(() => new RawGreenlet(5 as never), TypeError);
});

test('tracing sees every switch with its origin and target', () => {
  const events: string[] = [];
  const main = getCurrent();
  const greenlet = new RawGreenlet(() => {
    main.switch();
  });
  const name = (g: RawGreenlet): string => (g === main ? 'main' : 'g');
  setTrace((event, [origin, target]) => events.push(`${event} ${name(origin)}>${name(target)}`));
  greenlet.switch();
  greenlet.throw(new GreenletExit());
  setTrace(null);
  assert.deepEqual(events, ['switch main>g', 'switch g>main', 'throw main>g', 'switch g>main']);
});

test('a stack overflow in a greenlet is an ordinary RangeError', () => {
  const greenlet = new RawGreenlet(() => {
    const deep = (): number => deep() + 1;
    deep();
  });
  assert.throws(() => greenlet.switch(), RangeError);
});

test('a collected greenlet that had ended does no harm to the one that runs on its stack now', async () => {
  const main = getCurrent();
  const cycle = (): void => {
    const greenlet = new RawGreenlet(() => main.switch());
    greenlet.switch();
    greenlet.switch();
  };
  for (let i = 0; i < 20; i++) cycle();
  const survivors = Array.from({ length: 20 }, (_, i) => new RawGreenlet(() => (main.switch(), i)));
  for (const survivor of survivors) survivor.switch();
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await later(1);
  }
  assert.deepEqual(
    survivors.map((survivor) => survivor.switch()),
    survivors.map((_, i) => i),
  );
});
