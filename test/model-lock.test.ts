/** Random programs of acquires, releases, kills and timeouts, against models that fit on a page. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Greenlet, GreenletExit, getCurrent, getHub, sleep, spawn } from 'greenlets';
import { Event } from 'greenlets/event';
import { RWLock, Semaphore } from 'greenlets/lock';
import { Pool } from 'greenlets/pool';
import { VirtualClock } from 'greenlets/testing';
import { test } from './support/leaks.ts';

interface Call {
  outcome: string | undefined;
  deadline: number;
  looks: boolean;
  greenlet: Greenlet<string>;
}

const timeout = fc.option(fc.integer({ min: 1, max: 20 }), { nil: null });
const semaphoreOperation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('acquire' as const), timeout, looks: fc.constant(false) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('acquire' as const), timeout, looks: fc.constant(true) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tryAcquire' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('kill' as const), which: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 15 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('yield' as const) }) },
);
type SemaphoreOperation = typeof semaphoreOperation extends fc.Arbitrary<infer T> ? T : never;

function runSemaphore(clock: VirtualClock, operations: SemaphoreOperation[]): void {
  const { blocked } = getHub().stats;
  const semaphore = new Semaphore(1);
  let permits = 1;
  const calls: Call[] = [];
  const expire = (): void => {
    for (const call of calls) if (call.deadline <= clock.now()) call.outcome ??= 'false';
  };
  for (const op of operations) {
    if (op.do === 'acquire') {
      sleep(0);
      const greenlet = spawn(() => String(op.looks ? semaphore.wait(op.timeout) : semaphore.acquire(op.timeout)));
      sleep(0);
      const deadline = op.timeout === null ? Number.POSITIVE_INFINITY : clock.now() + op.timeout;
      calls.push({ outcome: permits > 0 ? 'true' : undefined, deadline, looks: op.looks, greenlet });
      if (permits > 0 && !op.looks) permits--;
    } else if (op.do === 'tryAcquire') {
      assert.equal(semaphore.tryAcquire(), permits > 0);
      if (permits > 0) permits--;
    } else if (op.do === 'release') {
      let left = op.n;
      for (const call of calls.filter(({ outcome }) => outcome === undefined)) {
        if (left === 0) break;
        call.outcome = 'true';
        if (!call.looks) left--;
      }
      permits += left;
      assert.equal(semaphore.release(op.n), permits);
    } else if (op.do === 'kill') {
      const call = calls[op.which % Math.max(1, calls.length)];
      call?.greenlet.kill(undefined, { block: false });
      if (call !== undefined) call.outcome ??= 'killed';
    } else if (op.do === 'advance') {
      clock.advance(op.ms);
      expire();
    } else {
      sleep(0);
    }
    assert.equal(semaphore.counter, permits);
  }
  clock.advance(100);
  expire();
  for (const call of calls) {
    call.greenlet.kill(undefined, { block: false });
    call.outcome ??= 'killed';
    call.greenlet.join();
    assert.equal(call.greenlet.killed ? 'killed' : call.greenlet.get(), call.outcome);
  }
  assert.equal(getHub().stats.blocked, blocked);
  assert.equal(semaphore.release(), permits + 1);
}

test('random programs on a semaphore behave as the model: no permit lost or doubled, first in first out', () => {
  using clock = new VirtualClock({ autoJump: false });
  fc.assert(
    fc.property(fc.array(semaphoreOperation, { maxLength: 40 }), (operations) => runSemaphore(clock, operations)),
    { numRuns: 1500 },
  );
});

const action = fc.oneof(
  { weight: 4, arbitrary: fc.constant('read' as const) },
  { weight: 3, arbitrary: fc.constant('write' as const) },
  { weight: 4, arbitrary: fc.constant('let go' as const) },
  { weight: 2, arbitrary: fc.constant('kill' as const) },
);

test('random programs on an RWLock: readers and writers never meet, and all are let in, first in first out', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ action, which: fc.nat(20) }), { maxLength: 40 }), (operations) => {
      const lock = new RWLock();
      const inside: { mode: string; go: Event }[] = [];
      const arrivals: number[] = [];
      const all: Greenlet[] = [];
      const come = (mode: 'read' | 'write'): void => {
        const number = all.length;
        const body = (): void => {
          const me = { mode, go: new Event() };
          arrivals.push(number);
          inside.push(me);
          assert.ok(inside.length === 1 || inside.every((other) => other.mode === 'read'));
          try {
            me.go.wait();
          } finally {
            inside.splice(inside.indexOf(me), 1);
          }
        };
        all.push(spawn(() => lock[mode](body)) as Greenlet);
      };
      for (const { action, which } of operations) {
        if (action === 'let go') inside[which % Math.max(1, inside.length)]?.go.set();
        else if (action === 'kill') all[which % Math.max(1, all.length)]?.kill(undefined, { block: false });
        else come(action);
        sleep(0);
        sleep(0);
        assert.deepEqual([lock.readers, lock.writing], countsOf(inside));
      }
      for (let i = 0; all.some((greenlet) => !greenlet.ready); i++) {
        assert.ok(inside.length > 0 || i < 2, 'somebody is let in as long as somebody waits');
        for (const { go } of [...inside]) go.set();
        sleep(0);
        sleep(0);
      }
      for (const greenlet of all) assert.ok(greenlet.successful || greenlet.exception instanceof GreenletExit);
      assert.deepEqual(
        arrivals,
        [...arrivals].sort((a, b) => a - b),
      );
      assert.deepEqual([lock.readers, lock.writing], [0, false]);
    }),
    { numRuns: 500 },
  );
});

function countsOf(inside: { mode: string }[]): [number, boolean] {
  return [inside.filter(({ mode }) => mode === 'read').length, inside.some(({ mode }) => mode === 'write')];
}

test('random programs on a pool: never more than its limit, no slot lost', () => {
  const operation = fc.record({
    do: fc.constantFrom('spawn', 'spawn', 'apply', 'end', 'kill member', 'kill spawner', 'discard'),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(operation, { maxLength: 30 }), (limit, operations) => {
      const pool = new Pool(limit);
      const running: { go: Event; greenlet: Greenlet }[] = [];
      const spawners: Greenlet[] = [];
      const discarded: Greenlet[] = [];
      const job = (): void => {
        const me = { go: new Event(), greenlet: getCurrent() as Greenlet };
        running.push(me);
        try {
          me.go.wait();
        } finally {
          running.splice(running.indexOf(me), 1);
        }
      };
      for (const { do: what, which } of operations) {
        const one = running[which % Math.max(1, running.length)];
        if (what === 'spawn') spawners.push(spawn(() => void pool.spawn(job)) as Greenlet);
        else if (what === 'apply') spawners.push(spawn(() => void pool.applyAsync(job)) as Greenlet);
        else if (what === 'end') one?.go.set();
        else if (what === 'kill member') one?.greenlet.kill();
        else if (what === 'kill spawner') spawners[which % Math.max(1, spawners.length)]?.kill();
        else if (one !== undefined && pool.has(one.greenlet)) {
          pool.discard(one.greenlet);
          discarded.push(one.greenlet);
        }
        for (let i = 0; i < 3; i++) sleep(0);
        assert.ok(pool.size <= limit);
        assert.equal(pool.freeCount, limit - pool.size);
      }
      for (let i = 0; i < 100 && running.length + spawners.filter((spawner) => !spawner.ready).length > 0; i++) {
        for (const { go } of [...running]) go.set();
        for (let turn = 0; turn < 3; turn++) sleep(0);
      }
      for (const greenlet of discarded) greenlet.join();
      assert.equal(pool.join(), true);
      assert.deepEqual([pool.size, pool.freeCount], [0, limit]);
    }),
    { numRuns: 500 },
  );
});
