import assert from 'node:assert/strict';
import { AsyncLocalStorage, AsyncResource, executionAsyncId } from 'node:async_hooks';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Greenlet, GreenletExit, getHub, noSwitch, shield, sleep, spawn, Timeout, wait } from 'greenlets';
import { Event } from 'greenlets/event';
import { test, testOnMain } from './support/leaks.ts';

const HARD = { hard: true };

/** A greenlet that is inside `body`; it and whoever runs beside it tell what they do. */
function victim(log: string[], body: () => void): Greenlet {
  return spawn(() => {
    try {
      body();
      log.push('returned');
    } catch (error) {
      log.push(`caught ${String(error)}`);
      throw error;
    } finally {
      log.push('finally');
    }
  });
}

const STATES: Record<string, () => void> = {
  parked: () => sleep(1e6),
  'in a loop of sleep(0)': () => {
    for (;;) sleep(0);
  },
  'in a finally': () => {
    try {
      throw new Error('first');
    } finally {
      sleep(1e6);
    }
  },
  'in a catch that swallows': () => {
    for (;;) {
      try {
        sleep(1e6);
      } catch {
        // Ends by nothing but force.
      }
    }
  },
  'under a timeout': () => Timeout.run(1e6, () => sleep(1e6)),
  'in a shield': () => shield(() => sleep(1e6)),
  'inside a sort': () => {
    [2, 1].sort(() => (sleep(1e6), 0));
  },
  'inside JSON.stringify': () => {
    JSON.stringify({ toJSON: () => sleep(1e6) });
  },
  'inside a join': () => {
    [{ toString: () => (sleep(1e6), '') }].join();
  },
  'inside an async scope': () => {
    new AsyncResource('Test').runInAsyncScope(() => sleep(1e6));
  },
  'inside als.run': () => {
    new AsyncLocalStorage<number>().run(1, () => sleep(1e6));
  },
  'inside an async scope inside a callback of Node’s': () => {
    const session = new Session();
    session.connect();
    session.post('Runtime.evaluate', { expression: '1' }, () => {
      new AsyncResource('Test').runInAsyncScope(() => sleep(1e6));
    });
  },
  'waiting for a promise': () => {
    wait(new Promise(() => {}));
  },
};

for (const [state, body] of Object.entries(STATES)) {
  test(`a hard kill of a greenlet ${state} ends it, and only it`, () => {
    const log: string[] = [];
    const killed = victim(log, body);
    const other = spawn(() => {
      try {
        for (let i = 0; i < 5; i++) sleep(1);
        return 'other';
      } catch (error) {
        return `other caught ${String(error)}`;
      }
    });
    sleep(1);
    const id = executionAsyncId();
    assert.equal(killed.kill(new GreenletExit(), HARD), true);
    assert.equal(executionAsyncId(), id);
    assert.equal(killed.killed, true);
    assert.deepEqual(log, []);
    assert.equal(other.get(), 'other');
    assert.equal(wait(new Promise((resolve) => process.nextTick(resolve, 'ticks run'))), 'ticks run');
  });
}

test('a hard kill of one that is ready, and of one that has not begun', () => {
  const log: string[] = [];
  const event = new Event();
  const ready = victim(log, () => void event.wait());
  sleep(0);
  event.set();
  const fresh = victim(log, () => {});
  ready.kill(undefined, { hard: true, block: false });
  fresh.kill(undefined, { hard: true, block: false });
  assert.equal(fresh.dead, true);
  ready.join();
  assert.deepEqual([log, ready.killed, fresh.killed], [[], true, true]);
});

test('a hard kill of oneself skips one’s own catch and finally', () => {
  const log: string[] = [];
  const self: Greenlet = victim(log, () => {
    self.kill(undefined, HARD);
  });
  self.join();
  assert.deepEqual([log, self.killed], [[], true]);
});

test('a hard kill of oneself inside noSwitch does not leave others unable to block', () => {
  const self: Greenlet = spawn(() => noSwitch(() => self.kill(undefined, HARD)));
  self.join();
  sleep(0);
  assert.equal(self.killed, true);
});

test('a hard kill with an error of one’s own gives that error, links and joins are served', () => {
  const seen: unknown[] = [];
  const failure = new RangeError('enough');
  const killed = spawn(() => sleep(1e6));
  killed.linkException((greenlet) => seen.push(greenlet.exception));
  const joined = spawn(() => killed.join());
  sleep(0);
  killed.kill(failure, HARD);
  assert.equal(joined.get(), true);
  sleep(0);
  assert.deepEqual(seen, [failure]);
  assert.throws(() => killed.get(), failure);
});

test('hundreds of hard kills among greenlets that go on', () => {
  let rounds = 0;
  const workers = Array.from({ length: 20 }, () =>
    spawn(() => {
      for (let i = 0; i < 50; i++) {
        sleep(0);
        rounds++;
      }
    }),
  );
  for (let i = 0; i < 300; i++) {
    const killed = spawn(() => [1, 2].map(() => sleep(1e6)));
    if (i % 2 === 0) sleep(0);
    killed.kill(undefined, HARD);
  }
  for (const worker of workers) worker.join();
  assert.equal(rounds, 1000);
});

test('a module whose loading is ended by a hard kill is loaded anew by whoever waits for it', () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenlets-'));
  const shared = globalThis as Record<string, unknown>;
  try {
    writeFileSync(join(directory, 'slow.cjs'), 'globalThis.blockHere(); exports.done = true;');
    let evaluations = 0;
    shared.blockHere = () => {
      if (++evaluations === 1) sleep(1e6);
    };
    const require = createRequire(join(directory, 'x.cjs'));
    const first = spawn(() => require('./slow.cjs'));
    sleep(0);
    const second = spawn(() => require('./slow.cjs').done);
    sleep(0);
    first.kill(undefined, HARD);
    assert.equal(second.get(), true);
    assert.equal(require('./slow.cjs').done, true);
    assert.equal(evaluations, 2);
  } finally {
    rmSync(directory, { recursive: true });
    delete shared.blockHere;
  }
});

testOnMain('a hard kill from the main stack does not wait', async () => {
  let begun = (): void => {};
  const beginning = new Promise<void>((resolve) => (begun = resolve));
  const killed = spawn(() => {
    begun();
    sleep(1e6);
  });
  await beginning;
  assert.equal(killed.kill(undefined, HARD), false);
  await killed.toPromise().catch((error: unknown) => assert.ok(error instanceof GreenletExit));
  assert.equal(getHub().stats.ready, 0);
});
