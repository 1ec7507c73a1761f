import assert from 'node:assert/strict';
import { AsyncResult, Event } from 'greenlets/event';
import { Semaphore } from 'greenlets/lock';
import { Queue } from 'greenlets/queue';
import { testOnMain } from './support/leaks.ts';

/** A node of a wait queue that counts how often its place is looked at or changed. */
class CountingNode {
  static looks = 0;
  queue = null;
  group = null;
  item = undefined;
  #prev: unknown = null;
  #next: unknown = null;
  get prev(): unknown {
    CountingNode.looks++;
    return this.#prev;
  }
  set prev(node: unknown) {
    CountingNode.looks++;
    this.#prev = node;
  }
  get next(): unknown {
    CountingNode.looks++;
    return this.#next;
  }
  set next(node: unknown) {
    CountingNode.looks++;
    this.#next = node;
  }
}

for (const [name, make] of Object.entries({
  Event: () => new Event(),
  AsyncResult: () => new AsyncResult(),
  Semaphore: () => new Semaphore(0),
})) {
  testOnMain(`${name}: with 100,000 waiters each joins and leaves, from any place, in a fixed number of steps`, () => {
    const object = make();
    const count = 100_000;
    CountingNode.looks = 0;
    const nodes = Array.from({ length: count }, () => new CountingNode() as never);
    for (const node of nodes) object.register(node);
    const registering = CountingNode.looks;
    for (let i = 0; i < count; i++) object.unregister(nodes[(i * 7919) % count] as never); // 7919 is prime to the count
    const unregistering = CountingNode.looks - registering;
    assert.ok(registering <= 10 * count, `${registering} looks to register`);
    assert.ok(unregistering <= 20 * count, `${unregistering} looks to unregister`);
  });
}

testOnMain('100,000 items go through a queue first in, first out, without its growing afterwards', () => {
  const queue = new Queue<number>();
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 100_000; i++) queue.putNowait(i);
    for (let i = 0; i < 100_000; i++) assert.equal(queue.getNowait(), i);
  }
  assert.equal(queue.size, 0);
});
