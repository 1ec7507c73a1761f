/** What docs/guides/from-async-await.md shows in its table, each line of it run and checked. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createReadStream, stat } from 'node:fs';
import {
  AsyncResult,
  all,
  iterate,
  iwait,
  joinAll,
  nursery,
  Pool,
  race,
  run,
  sleep,
  spawn,
  Timeout,
  toAsync,
  toSync,
  wait,
  waitCallback,
  waitEvent,
  withTimeout,
} from 'greenlets';
import { readFile } from 'greenlets/fs';

const path = process.argv[1] as string;
const urls = ['a', 'b', 'c'];
const promise = Promise.resolve(1);

function load(url: string): string {
  sleep(1);
  return url.toUpperCase();
}

function callsAndResults(): void {
  const page = load('a');
  const greenlet = spawn(load, 'b');
  const value = wait(promise);
  assert.deepEqual([page, greenlet.get(), value], ['A', 'B', 1]);
}

function severalAtOnce(): void {
  const pages = all(urls.map((url) => spawn(load, url)));
  const limited = new Pool(10).map(load, urls);
  const [user, posts] = all([spawn(load, 'user'), spawn(load, 'posts')]);
  const ended = joinAll([spawn(load, 'a'), spawn(load, 'b')], { raiseError: false });
  const first = race([spawn(load, 'a'), spawn(sleep, 50)]);
  assert.deepEqual([pages, limited, user, posts, first], [['A', 'B', 'C'], ['A', 'B', 'C'], 'USER', 'POSTS', 'A']);
  assert.equal(ended.length, 2);
  for (const one of iwait(urls.map((url) => spawn(load, url)))) assert.ok(one.successful);
  nursery((group) => {
    for (const url of urls) group.spawn(load, url);
  });
}

function callbacksAndEvents(): void {
  const info = waitCallback<{ size: number }>((done) => stat(path, done));
  assert.ok(info.size > 0);

  const emitter = new EventEmitter();
  setTimeout(() => emitter.emit('ready', 7), 1);
  const [code] = waitEvent(emitter, 'ready');
  assert.equal(code, 7);

  const answer = new AsyncResult<number>();
  setTimeout(() => answer.set(42), 1);
  assert.equal(answer.get(), 42);

  let length = 0;
  for (const chunk of iterate(createReadStream(path))) length += chunk.length;
  assert.equal(length, info.size);
  assert.equal(readFile(path, 'utf8').length > 0, true);
}

function timeAndEnd(): void {
  sleep(1);
  assert.throws(() => withTimeout(1, () => sleep(1000)), Timeout);
  assert.throws(
    () => wait((signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)), 1),
    Timeout,
  );

  let closed = false;
  const greenlet = spawn(() => {
    try {
      sleep(1000);
    } finally {
      closed = true;
    }
  });
  sleep(0);
  greenlet.kill();
  assert.ok(closed && greenlet.killed);
}

function betweenTheWorlds(): void {
  const handler = toAsync((name: string) => load(name));
  const lib = toSync({ query: async (sql: string) => sql.length });
  assert.equal(wait(handler('a')), 'A');
  assert.equal(wait(run(load, 'b')), 'B');
  assert.equal(wait(spawn(load, 'c').toPromise()), 'C');
  assert.equal(lib.query('select'), 6);

  const storage = new AsyncLocalStorage<string>();
  storage.run('id-1', () => {
    sleep(1);
    assert.equal(storage.getStore(), 'id-1');
    assert.equal(spawn(() => storage.getStore()).get(), 'id-1');
  });
}

for (const check of [callsAndResults, severalAtOnce, callbacksAndEvents, timeAndEnd, betweenTheWorlds]) {
  check();
  console.log('ok', check.name);
}
