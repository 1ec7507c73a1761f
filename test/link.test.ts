import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Greenlet, GreenletExit, getCurrent, getHub, sleep, spawn } from 'greenlets';
import { AsyncResult, Event } from 'greenlets/event';
import { Semaphore } from 'greenlets/lock';
import { test, testOnMain } from './support/leaks.ts';

const settle = (): void => {
  for (let i = 0; i < 5; i++) sleep(0);
};

/** What the hub is told of while `body` runs. */
function errorsDuring(body: () => void): unknown[] {
  const errors: unknown[] = [];
  const listener = (_: unknown, error: unknown): number => errors.push(error);
  getHub().on('error', listener);
  body();
  for (let turn = 0; turn < 4; turn++) spawn(() => new Promise(setImmediate)).join();
  getHub().off('error', listener);
  return errors;
}

test('links are called in the order they were added, and before who began to wait after them', () => {
  const log: string[] = [];
  const greenlet = spawn(() => {
    sleep(0);
    log.push('body');
  });
  greenlet.link(() => log.push('link 1'));
  greenlet.rawLink(() => log.push('raw 2'));
  greenlet.link(() => log.push('link 3'));
  greenlet.join();
  log.push('joined');
  assert.deepEqual(log, ['body', 'link 1', 'raw 2', 'link 3', 'joined']);
});

test('a thousand links are called in order', () => {
  const greenlet = spawn(() => sleep(0));
  const called: number[] = [];
  for (let i = 0; i < 1000; i++) {
    if (i % 2 === 0) greenlet.link(() => called.push(i));
    else greenlet.rawLink(() => called.push(i));
  }
  greenlet.join();
  assert.deepEqual(
    called,
    Array.from({ length: 1000 }, (_, i) => i),
  );
});

test('link gets the greenlet, in a greenlet of its own, which may block', () => {
  const greenlet = spawn(() => 5);
  const seen: unknown[] = [];
  const done = new Event();
  greenlet.link((ended) => {
    sleep(0);
    seen.push(ended === greenlet, ended.value, getCurrent() instanceof Greenlet, getCurrent() !== greenlet);
    done.set();
  });
  done.wait();
  assert.deepEqual(seen, [true, 5, true, true]);
});

test('link is called on all three outcomes, linkValue on a value, linkException on an error or a kill', () => {
  const outcomes = {
    value: spawn(() => 1),
    error: spawn(() => {
      throw new Error('failed');
    }),
    killed: spawn(() => sleep(1e6)),
  };
  const called: string[] = [];
  for (const [name, greenlet] of Object.entries(outcomes) as [string, Greenlet][]) {
    greenlet.link(() => called.push(`${name}: link`));
    greenlet.linkValue(() => called.push(`${name}: value`));
    greenlet.linkException(() => called.push(`${name}: exception`));
  }
  sleep(0);
  outcomes.killed.kill();
  settle();
  assert.deepEqual(called.sort(), [
    'error: exception',
    'error: link',
    'killed: exception',
    'killed: link',
    'value: link',
    'value: value',
  ]);
});

test('links of one killed before its first turn are called', () => {
  const called: string[] = [];
  const greenlet = spawn(() => called.push('body'));
  greenlet.link(() => called.push('link'));
  greenlet.rawLink(() => called.push('raw'));
  greenlet.linkValue(() => called.push('value'));
  greenlet.kill();
  settle();
  assert.deepEqual(called, ['link', 'raw']);
});

test('linking to an ended greenlet calls back soon, never inline', () => {
  const greenlet = spawn(() => 1);
  greenlet.join();
  const called: string[] = [];
  greenlet.link(() => called.push('link'));
  greenlet.rawLink(() => called.push('raw'));
  greenlet.linkValue(() => called.push('value'));
  greenlet.linkException(() => called.push('exception'));
  assert.equal(called.length, 0);
  settle();
  assert.deepEqual(called, ['link', 'raw', 'value']);
});

test('unlink removes every registration that was not called yet, also when it is due already', () => {
  const called: string[] = [];
  const link = (): number => called.push('no');
  const greenlet = spawn(() => 1);
  greenlet.link(link);
  greenlet.rawLink(link);
  greenlet.linkValue(link);
  greenlet.unlink(link);
  greenlet.unlink(() => {}); // not registered: nothing happens
  greenlet.join();
  greenlet.link(link);
  greenlet.rawLink(link);
  greenlet.unlink(link);
  settle();
  assert.deepEqual(called, []);
});

test('of two links that unlink each other only the first is called', () => {
  for (const how of ['link', 'rawLink'] as const) {
    const called: string[] = [];
    const greenlet = spawn(() => 1);
    const first = (): void => {
      called.push('first');
      greenlet.unlink(second);
    };
    const second = (): void => {
      called.push('second');
      greenlet.unlink(first);
    };
    greenlet[how](first);
    greenlet[how](second);
    settle();
    assert.deepEqual(called, ['first'], how);
  }
});

test('a link may add another one', () => {
  const called: string[] = [];
  const greenlet = spawn(() => 1);
  greenlet.link(() => {
    called.push('outer');
    greenlet.link(() => called.push('inner'));
  });
  settle();
  assert.deepEqual(called, ['outer', 'inner']);
});

test('a failing callback is reported to the hub, and the next still runs', () => {
  const called: string[] = [];
  const greenlet = spawn(() => 1);
  const fail = (message: string) => () => {
    throw new Error(message);
  };
  greenlet.link(fail('link'));
  greenlet.rawLink(fail('raw'));
  greenlet.link(() => called.push('next link'));
  greenlet.rawLink(() => called.push('next raw'));
  const messages = errorsDuring(settle).map((error) => (error as Error).message);
  assert.deepEqual(called.sort(), ['next link', 'next raw']);
  assert.deepEqual(messages.sort(), ['link', 'raw']);
});

test('a rawLink must not block', () => {
  const greenlet = spawn(() => 1);
  greenlet.rawLink(() => sleep(1));
  const [error] = errorsDuring(settle);
  assert.equal((error as { code?: string }).code, 'ERR_GREENLETS_CANNOT_BLOCK');
});

test('a link observes the greenlet: its failure is not reported', () => {
  const errors = errorsDuring(() => {
    for (const how of ['link', 'linkValue', 'linkException', 'rawLink'] as const) {
      spawn(() => {
        throw new Error('seen');
      })[how](() => {});
    }
  });
  assert.deepEqual(errors, []);
});

test('a link runs in the async context of whoever linked', () => {
  const storage = new AsyncLocalStorage<string>();
  const greenlet = spawn(() => sleep(0));
  const stores: unknown[] = [];
  storage.run('linker', () => greenlet.link(() => stores.push(storage.getStore())));
  storage.run('other', () => {
    greenlet.join();
    settle();
  });
  assert.deepEqual(stores, ['linker']);
});

test('Event, AsyncResult and Semaphore call a rawLink once, when they are ready or soon if they are', () => {
  const called: string[] = [];
  const event = new Event();
  const result = new AsyncResult<number>();
  const semaphore = new Semaphore(0);
  event.rawLink((source) => called.push(`event ${source === event}`));
  result.rawLink((source) => called.push(`result ${source === result}`));
  semaphore.rawLink((source) => called.push(`semaphore ${source === semaphore}`));
  settle();
  assert.equal(called.length, 0);
  for (let i = 0; i < 2; i++) {
    event.set();
    event.clear();
    result.set(1);
    semaphore.release();
  }
  assert.equal(called.length, 0, 'never inline');
  settle();
  assert.deepEqual(called, ['event true', 'result true', 'semaphore true']);
  called.length = 0;
  event.set();
  event.rawLink(() => called.push('event'));
  result.rawLink(() => called.push('result'));
  semaphore.rawLink(() => called.push('semaphore'));
  assert.equal(called.length, 0);
  settle();
  assert.deepEqual(called, ['event', 'result', 'semaphore']);
});

test('two rawLinks and two releases of a semaphore: both are called, and no permit is taken', () => {
  const semaphore = new Semaphore(0);
  let called = 0;
  semaphore.rawLink(() => called++);
  semaphore.rawLink(() => called++);
  semaphore.release();
  semaphore.release();
  settle();
  assert.deepEqual([called, semaphore.counter], [2, 2]);
});

test('unlink works for them too', () => {
  const sources = [new Event(), new AsyncResult(), new Semaphore(0)];
  const called: unknown[] = [];
  const link = (source: unknown): number => called.push(source);
  for (const source of sources) {
    source.rawLink(link);
    source.rawLink(link);
    source.unlink(link);
  }
  (sources[0] as Event).set();
  (sources[1] as AsyncResult).set(1);
  (sources[2] as Semaphore).release();
  settle();
  assert.deepEqual(called, []);
  for (const source of sources) {
    source.rawLink(link);
    source.unlink(link);
  }
  settle();
  assert.deepEqual(called, []);
});

test('AsyncResult.link calls back in a greenlet, on a value and on an error', () => {
  const called: unknown[] = [];
  const good = new AsyncResult<number>();
  const bad = new AsyncResult<number>();
  for (const result of [good, bad]) {
    result.link((source) => {
      sleep(0);
      called.push(source.value ?? (source.exception as Error).message);
    });
  }
  good.set(7);
  bad.setException(new Error('bad'));
  settle();
  assert.deepEqual(called, [7, 'bad']);
});

test('a hundred thousand links are removed one by one without looking through all', () => {
  const event = new Event();
  const count = 100_000;
  const links = Array.from({ length: count }, () => () => assert.fail('unlinked'));
  for (const link of links) event.rawLink(link);
  for (const link of links) event.unlink(link); // quadratic, this would take minutes
  event.set();
  settle();
});

test('what is no function is refused with the value, and nothing is registered', () => {
  const greenlet = spawn(() => 1);
  for (const how of ['link', 'linkValue', 'linkException', 'rawLink'] as const) {
    assert.throws(() => greenlet[how](5 as never), /TypeError.*5/);
  }
  assert.throws(() => new Event().rawLink(null as never), /TypeError.*null/);
  assert.throws(() => new Semaphore().rawLink('x' as never), /TypeError.*x/);
  assert.throws(() => new AsyncResult().link({} as never), TypeError);
  greenlet.join();
});

testOnMain('links may be added on the main stack', async () => {
  const greenlet = spawn(() => 1);
  const called: string[] = [];
  await new Promise<void>((resolve) => {
    greenlet.link(() => called.push('link'));
    greenlet.rawLink(() => called.push('raw'));
    greenlet.link(() => resolve());
  });
  assert.deepEqual(called, ['link', 'raw']);
  const killed = spawn(() => sleep(1e6));
  killed.kill();
  await assert.rejects(killed.toPromise(), GreenletExit);
});
