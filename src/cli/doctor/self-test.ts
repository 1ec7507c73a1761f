/** Does on this Node what greenlets are used for, and what has been hard to get right. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { BlockingSwitchOutError } from '../../errors.ts';
import { sleep } from '../../hub/sleep.ts';
import { spawn } from '../../hub/spawn.ts';
import { Timeout } from '../../hub/timeout.ts';
import { all } from '../../interop/all.ts';
import { wait } from '../../interop/wait.ts';
import { memoryInUse } from './host.ts';

const later = <T>(value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, 1, value));
const slowly = <T>(value: T): T => wait(later(value));

const CHECKS: Record<string, () => void> = {
  'greenlets start, block and end'() {
    assert.deepEqual(all([3, 1, 2].map((n) => spawn(slowly, n))), [3, 1, 2]);
  },
  'calls block inside the callbacks of built-in functions'() {
    const slow = (n: number): { toString(): string; toJSON(): number } => ({
      toString: () => String(slowly(n)),
      toJSON: () => slowly(n),
    });
    const joined = spawn(() => [slow(1), slow(2)].join());
    const stringified = spawn(() => JSON.stringify([slow(3), slow(4)]));
    const sorted = spawn(() => [3, 1, 2].sort((a, b) => slowly(a - b)).join());
    assert.deepEqual(all([joined, stringified, sorted]), ['1,2', '[3,4]', '1,2,3']);
  },
  'timeouts and kills unwind, with their finally blocks'() {
    const seen: string[] = [];
    const body = (): void => {
      try {
        sleep(1e9);
      } finally {
        seen.push('finally');
      }
    };
    assert.throws(() => Timeout.run(1, body), Timeout);
    const killed = spawn(body);
    sleep(0);
    killed.kill();
    assert.deepEqual(seen, ['finally', 'finally']);
  },
  'AsyncLocalStorage follows each greenlet'() {
    const storage = new AsyncLocalStorage<number>();
    const seen = [1, 2, 3].map((n) => storage.run(n, () => spawn(() => slowly(0) + (storage.getStore() ?? 0))));
    assert.deepEqual(all(seen), [1, 2, 3]);
  },
  'calls block inside nested async scopes'() {
    assert.equal(
      new AsyncResource('doctor').runInAsyncScope(() => slowly(1)),
      1,
    );
  },
  'running out of stack is a RangeError'() {
    const recurse = (n: number): number => recurse(n + 1) + 1;
    assert.throws(() => recurse(0), RangeError);
  },
  'a garbage collection leaves suspended stacks intact'() {
    const kept = Array.from({ length: 100 }, (_, i) => spawn(() => slowly([{ i }])));
    sleep(0);
    for (let i = 0; i < 100; i++) new Array(10_000).fill(i).map((n) => ({ n }));
    assert.deepEqual(
      all(kept).map(([item]) => item?.i),
      kept.map((_, i) => i),
    );
  },
};

/** A check and what came of it. */
export interface CheckResult {
  name: string;
  /** `refused`: this is known not to work here, and a clear error says so. */
  result: 'ok' | 'refused' | 'failed';
  message: string;
}

/** Runs every check, in a greenlet. */
export function selfTest(): CheckResult[] {
  return Object.entries(CHECKS).map(([name, check]) => {
    try {
      check();
      return { name, result: 'ok', message: '' };
    } catch (error) {
      const result = error instanceof BlockingSwitchOutError ? 'refused' : 'failed';
      return { name, result, message: error instanceof Error ? error.message : String(error) };
    }
  });
}

/** What a suspended greenlet takes, in bytes: the mean of a thousand. To be called in a greenlet. */
export function measureGreenlet(): number {
  const COUNT = 1000;
  const before = memoryInUse();
  const greenlets = Array.from({ length: COUNT }, () => spawn(() => sleep(1e9)));
  sleep(0);
  const each = (memoryInUse() - before) / COUNT;
  for (const greenlet of greenlets) greenlet.kill();
  return each;
}
