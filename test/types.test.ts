/** What the compiler infers for users. The bodies run too, so that a type never promises what the value is not. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { expectTypeOf } from 'expect-type';
import express from 'express';
import {
  all,
  Greenlet,
  getCurrent,
  getHub,
  type Hub,
  type HubStats,
  iterate,
  iwait,
  joinAll,
  killAll,
  noSwitch,
  RawGreenlet,
  race,
  run,
  shield,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  ticker,
  toAsync,
  toSync,
  type Waitable,
  wait,
  waitCallback,
  waitEvent,
  waitReady,
  withTimeout,
} from 'greenlets';
import { Hono } from 'hono';
import { test, testOnMain } from './support/leaks.ts';

const add = (a: number, b: number): number => a + b;
const later = async (text: string): Promise<string> => text;

test('spawn checks the arguments of its function and knows its result', () => {
  const sum = spawn(add, 1, 2);
  expectTypeOf(sum).toEqualTypeOf<Greenlet<number>>();
  expectTypeOf(sum.get()).toEqualTypeOf<number>();
  expectTypeOf(sum.value).toEqualTypeOf<number | undefined>();
  expectTypeOf(sum.exception).toEqualTypeOf<unknown>();
  expectTypeOf(sum.toPromise()).toEqualTypeOf<Promise<number>>();
  expectTypeOf(sum.join()).toEqualTypeOf<boolean>();
  expectTypeOf(sum.kill()).toEqualTypeOf<boolean>();
  expectTypeOf(spawn({ name: 'adder', stackSize: 1 << 20 }, add, 1, 2)).toEqualTypeOf<Greenlet<number>>();
  const unchecked = (): void => {
    // @ts-expect-error the second argument is a number
    spawn(add, 1, '2');
    // @ts-expect-error there is no third argument
    spawn(add, 1, 2, 3);
    // @ts-expect-error no such option
    spawn({ nam: 'x' }, add, 1, 2);
    // @ts-expect-error not a function
    spawn(5);
  };
  expectTypeOf(unchecked).returns.toBeVoid();
  assert.equal(sum.get(), 3);
});

test('a function that returns a promise gives what the promise gives', () => {
  const text = spawn(later, 'x');
  expectTypeOf(text).toEqualTypeOf<Greenlet<string>>();
  const delayed = spawnLater(1, later, 'x');
  expectTypeOf(delayed).toEqualTypeOf<Greenlet<string>>();
  expectTypeOf(spawnRaw(add, 1, 2)).toEqualTypeOf<RawGreenlet>();
  const promise = run(later, 'x');
  expectTypeOf(promise).toEqualTypeOf<Promise<string>>();
  const sum = run({ name: 'x' }, add, 1, 2);
  expectTypeOf(sum).toEqualTypeOf<Promise<number>>();
  assert.deepEqual([text.get(), delayed.get(), wait(promise), wait(sum)], ['x', 'x', 'x', 3]);
});

test('new Greenlet infers its result; greenlets are not thenable', () => {
  const greenlet = new Greenlet(add, 1, 2);
  expectTypeOf(greenlet).toEqualTypeOf<Greenlet<number>>();
  expectTypeOf<Greenlet>().not.toHaveProperty('then');
  expectTypeOf(greenlet).toExtend<Disposable>();
  expectTypeOf(greenlet).toExtend<Waitable<number>>();
  expectTypeOf(greenlet).toExtend<RawGreenlet>();
  greenlet.link((ended) => expectTypeOf(ended).toExtend<Greenlet<number>>());
  greenlet.start();
  assert.equal(greenlet.get(), 3);
});

test('wait takes promises, waitables, functions of a signal, and plain values', () => {
  expectTypeOf(wait(later('x'))).toEqualTypeOf<string>();
  expectTypeOf(wait(spawn(add, 1, 2))).toEqualTypeOf<number>();
  expectTypeOf(wait((signal) => later(String(signal.aborted)))).toEqualTypeOf<string>();
  expectTypeOf(wait(later('x'), 1000)).toEqualTypeOf<string>();
  expectTypeOf(wait(later('x'), AbortSignal.timeout(1000))).toEqualTypeOf<string>();
  expectTypeOf(wait(later('x'), null)).toEqualTypeOf<string>();
  const either = spawn(add, 1, 2) as Promise<string> | Greenlet<number> | boolean;
  expectTypeOf(wait(either)).toEqualTypeOf<string | number | boolean>();
  const generic = <T>(promise: Promise<T>): T => wait(promise);
  expectTypeOf(generic(later('x'))).toEqualTypeOf<string>();
  const plain: { a: number } = wait({ a: 1 });
  assert.deepEqual(plain, { a: 1 });
});

test('all gives each value its own type, race any of them', () => {
  const values = all([later('x'), spawn(add, 1, 2), true as boolean]);
  expectTypeOf(values).toEqualTypeOf<[string, number, boolean]>();
  expectTypeOf(all(new Set([later('x')]))).toEqualTypeOf<string[]>();
  expectTypeOf(all(['a', 'b'].map((text) => spawn(later, text)))).toEqualTypeOf<string[]>();
  expectTypeOf(race([later('x'), spawn(add, 1, 2)])).toEqualTypeOf<string | number>();
  assert.deepEqual(values, ['x', 3, true]);
});

test('waitReady, iwait and joinAll give the objects themselves', () => {
  const greenlets = [spawn(add, 1, 2), spawn(add, 3, 4)];
  expectTypeOf(waitReady(greenlets)).toEqualTypeOf<Greenlet<number>[]>();
  expectTypeOf(iwait(greenlets, { count: 1 })).toEqualTypeOf<IterableIterator<Greenlet<number>>>();
  expectTypeOf(joinAll(greenlets, { timeout: 100, raiseError: false })).toEqualTypeOf<Greenlet<number>[]>();
  expectTypeOf(killAll(greenlets)).toEqualTypeOf<boolean>();
  const mixed = joinAll([spawn(add, 1, 2), spawn(later, 'x')]);
  assert.equal(mixed.length, 2);
});

class Store {
  #items = new Map<string, number>();
  async put(key: string, value: number): Promise<this> {
    this.#items.set(key, value);
    return this;
  }
  async get(key: string): Promise<number | undefined> {
    return this.#items.get(key);
  }
  get size(): number {
    return this.#items.size;
  }
}

test('toSync gives blocking functions, typed, with their overloads', () => {
  const sync = toSync(later);
  expectTypeOf(sync).parameters.toEqualTypeOf<[text: string]>();
  expectTypeOf(sync('x')).toEqualTypeOf<string>();

  const { readFile, stat } = toSync(fs.promises);
  const read = (): string => readFile(import.meta.filename, 'utf8');
  expectTypeOf(read).returns.toEqualTypeOf<string>();
  const readBytes = (): Buffer => readFile(import.meta.filename);
  expectTypeOf(stat('/')).toExtend<fs.Stats>();

  function overloaded(key: 'n'): Promise<number>;
  function overloaded(key: 's'): Promise<string>;
  async function overloaded(key: string): Promise<number | string> {
    return key === 'n' ? 1 : 'one';
  }
  const blocking = toSync(overloaded);
  expectTypeOf(blocking('n')).toEqualTypeOf<number>();
  expectTypeOf(blocking('s')).toEqualTypeOf<string>();
  assert.ok(read().startsWith('/**') || readBytes().length > 0);
});

test('toSync of an object leaves its other properties alone', () => {
  const store = toSync(new Store());
  expectTypeOf(store.get('a')).toEqualTypeOf<number | undefined>();
  expectTypeOf(store.size).toEqualTypeOf<number>();
  store.put('a', 1);
  assert.equal(store.get('a'), 1);
});

test('toSync<Api> takes the type from the user where inference cannot give it', () => {
  interface Blocking {
    identity<T>(value: T): T;
  }
  const promising = { identity: async <T>(value: T): Promise<T> => value };
  const api = toSync<Blocking>(promising);
  expectTypeOf(api.identity('x' as string)).toEqualTypeOf<string>();
  assert.equal(api.identity(5), 5);
});

testOnMain('toAsync keeps parameters and `this`', async () => {
  const handler = toAsync(function (this: { base: number }, n: number) {
    sleep(0);
    return this.base + n;
  });
  expectTypeOf(handler).thisParameter.toEqualTypeOf<{ base: number }>();
  expectTypeOf(handler).parameters.toEqualTypeOf<[n: number]>();
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<number>>();
  expectTypeOf(toAsync(later)).returns.toEqualTypeOf<Promise<string>>();
  assert.equal(await handler.call({ base: 1 }, 2), 3);
});

testOnMain('toAsync knows its parameters by where it is used', async () => {
  const app = express();
  app.get(
    '/users/:name',
    toAsync((request, response, next) => {
      expectTypeOf(request.params).toEqualTypeOf<{ name: string }>();
      expectTypeOf(response.json).toBeFunction();
      expectTypeOf(next).toEqualTypeOf<express.NextFunction>();
    }),
  );
  new Hono().get(
    '/',
    toAsync((context) => context.text(context.req.path)),
  );
  const double: (n: number) => Promise<string> = toAsync((n) => n.toFixed(1));
  expectTypeOf(toAsync(add)).parameters.toEqualTypeOf<[a: number, b: number]>();
  assert.equal(await double(1), '1.0');
});

test('iterators yield what their sources hold', () => {
  async function* numbers(): AsyncGenerator<number> {
    yield 1;
  }
  expectTypeOf(iterate(numbers())).toEqualTypeOf<IterableIterator<number>>();
  expectTypeOf(ticker(10)).toEqualTypeOf<IterableIterator<number>>();
  assert.deepEqual([...iterate(numbers())], [1]);
});

test('callbacks and events', () => {
  const text = waitCallback<string>((done) => fs.readFile(import.meta.filename, 'utf8', done));
  expectTypeOf(text).toEqualTypeOf<string>();
  const emitter = new EventEmitter();
  setImmediate(() => emitter.emit('x', 1));
  const args = waitEvent(emitter, 'x', { timeout: 1000 });
  expectTypeOf(args).toExtend<unknown[]>();
  assert.deepEqual(args, [1]);
});

test('scopes give the value of their function', () => {
  expectTypeOf(shield(() => 1)).toEqualTypeOf<number>();
  expectTypeOf(noSwitch(() => 'x')).toEqualTypeOf<string>();
  expectTypeOf(withTimeout(10, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(withTimeout(10, () => 1, { value: null })).toEqualTypeOf<number | null>();
  expectTypeOf(Timeout.run(10, () => 1, false)).toEqualTypeOf<number | undefined>();
  expectTypeOf(Timeout.start(10)).toExtend<Disposable>();
  using timeout = Timeout.start(null);
  assert.equal(timeout.pending, false);
});

test('the hub and the current greenlet', () => {
  expectTypeOf(getHub()).toEqualTypeOf<Hub>();
  expectTypeOf(getHub().stats).toEqualTypeOf<HubStats>();
  expectTypeOf(getCurrent()).toExtend<RawGreenlet>();
  assert.ok(getCurrent() instanceof Greenlet);
});

test('a subclass of RawGreenlet may define run', () => {
  class Doubler extends RawGreenlet<number> {
    override run(n: number): number {
      return n * 2;
    }
  }
  expectTypeOf(new RawGreenlet(() => 'x')).toEqualTypeOf<RawGreenlet<string>>();
  assert.equal(new Doubler().switch(4), 8);
});
