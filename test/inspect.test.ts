import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { existsSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  type Greenlet,
  getCurrent,
  getHub,
  joinAll,
  killAll,
  Queue,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
} from 'greenlets';
import {
  assertSwitches,
  dumpOnSignal,
  formatRunInfo,
  type GreenletNode,
  greenletTree,
  serveInspection,
} from 'greenlets/inspect';
import { RawGreenlet } from 'greenlets/raw';
import { test, testOnMain } from './support/leaks.ts';
import { signalNode, withProgram } from './support/program.ts';
import { inOneSlice } from './support/slice.ts';

function find(name: string, node: GreenletNode = greenletTree()): GreenletNode | undefined {
  if (node.name === name) return node;
  for (const child of node.children) {
    const found = find(name, child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Spins for `ms` milliseconds. */
function compute(ms: number): void {
  const before = process.cpuUsage();
  for (let spent = 0; spent < ms * 1000; ) {
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
}

test('the tree shows who was spawned by whom, what each is blocked in, since when, and its stack', () => {
  const queue = new Queue<number>();
  const parent = spawn({ name: 'parent' }, function parentBody() {
    getCurrent().spawnTreeLocals.request = 'r-17';
    const child = spawn({ name: 'child' }, function childBody() {
      queue.get();
    });
    spawn({ name: 'joiner' }, () => child.join());
    sleep(1e6);
  });
  spawn({ name: 'busy' }, () => sleep(0));
  sleep(30);
  const node = find('parent') as GreenletNode;
  assert.equal(node.greenlet, parent);
  assert.equal(node.state, 'blocked');
  assert.equal(node.call, 'sleep');
  assert.ok((node.waitedMs as number) >= 20);
  assert.ok((node.leftMs as number) > 900_000);
  assert.match(node.frames[0] as string, /parentBody/);
  assert.deepEqual(
    node.children.map((child) => child.name),
    ['child', 'joiner'],
  );
  assert.equal(node.children[0]?.call, 'Queue.get');
  assert.equal(node.children[1]?.waitsFor, node.children[0]?.greenlet);
  const text = formatRunInfo();
  assert.match(text, /├─ child: blocked in Queue\.get for .*\n.*at childBody/);
  assert.match(text, /└─ joiner: blocked in Greenlet\.join of child/);
  assert.match(text, /tree locals \{ request: 'r-17' \}/);
  assert.equal(find('busy'), undefined);
  for (const child of node.children) (child.greenlet as typeof parent).kill();
  parent.kill();
});

test('a greenlet whose spawner has ended stands under the next ancestor that is alive', () => {
  const grandparent = spawn({ name: 'grandparent' }, () => {
    spawn({ name: 'gone' }, () => void spawn({ name: 'orphan' }, () => sleep(50))).join();
    sleep(50);
  });
  sleep(5);
  assert.equal(find('grandparent')?.children[0]?.name, 'orphan');
  grandparent.join();
});

test('a long chain of spawners, hostile names and hostile locals are shown', () => {
  const LENGTH = 5000;
  const chain: Greenlet[] = [];
  const next = (): void => {
    if (chain.push(getCurrent() as Greenlet) < LENGTH) spawn({ name: `link-${chain.length}` }, next);
    sleep(1e6);
  };
  spawn({ name: 'link-0' }, next);
  const hostile = spawn({ name: 'two\nlines\x1b[2J' }, () => sleep(1e6));
  hostile.spawnTreeLocals.request = {
    [inspect.custom]() {
      throw new Error('not to be shown');
    },
  };
  while (chain.length < LENGTH) sleep(0);
  const text = formatRunInfo();
  assert.match(text, new RegExp(`└─ \\(\\d+ deep\\) link-${LENGTH - 1}: `));
  assert.match(text, /─ two\\x0alines\\x1b\[2J: blocked in sleep/);
  assert.match(text, /tree locals cannot be shown/);
  killAll([...chain, hostile]);
});

test('greenlets that are not started, ready, or suspended by hand are told apart', () => {
  const later = spawnLater(1e6, () => {});
  later.name = 'later';
  const ready = spawn({ name: 'ready' }, () => {});
  const raw: RawGreenlet = new RawGreenlet((): unknown => raw.parent?.switch());
  raw.switch();
  assert.equal(find('later')?.state, 'new');
  assert.equal(find('ready')?.state, 'ready');
  assert.equal(find('a raw greenlet')?.state, 'suspended');
  later.kill();
  ready.join();
  raw.switch();
});

test('a timeout of get() tells what the other greenlet is doing', () => {
  const worker = spawn({ name: 'worker' }, function works() {
    wait(new Promise(() => {}));
  });
  assert.throws(
    () => worker.get(1),
    (error) => {
      assert.ok(error instanceof Timeout);
      assert.match(error.message, /^timed out after 1 ms: worker is blocked in wait for .* at works /);
      return true;
    },
  );
  worker.kill();
});

test('while tracking is on, errors show where their greenlet was spawned, and CPU time is measured', () => {
  const hub = getHub();
  assert.equal(spawn(() => {}).spawnStack, '');
  hub.trackSpawns = true;
  try {
    const failing = spawn(function fails() {
      throw new Error('inside');
    });
    function spawnsHere(): RawGreenlet {
      return new RawGreenlet(() => {
        throw new Error('raw');
      });
    }
    assert.throws(() => failing.get(), /inside/);
    const { stack } = failing.exception as Error;
    assert.match(stack as string, /^Error: inside\n {4}at fails .*\n[\s\S]*--- spawned by ---\n.*inspect\.test/);
    assert.equal((stack as string).match(/spawned by/g)?.length, 1);
    assert.throws(
      () => spawnsHere().switch(),
      (error) => /raw[\s\S]*spawned by ---\n.*spawnsHere/.test((error as Error).stack as string),
    );
    assert.match(failing.spawnStack, /^Error\n.*inspect\.test/);
    const hog = spawn(() => {
      for (const end = performance.now() + 10_000; getCurrent().cpuTime < 20 && performance.now() < end; );
      sleep(20);
      return getCurrent().cpuTime;
    });
    const idle = spawn(() => sleep(30));
    joinAll([hog, idle]);
    assert.ok(hog.get() >= 20, `${hog.get()} ms`);
    assert.ok(idle.cpuTime < hog.get(), `${idle.cpuTime} ms`);
  } finally {
    hub.trackSpawns = false;
  }
});

test('a greenlet that spawns its successor and ends leaves nothing behind', () => {
  const refs: WeakRef<object>[] = [];
  const generation = (left: number): unknown => {
    refs.push(new WeakRef(getCurrent()));
    return left > 0 && spawn(generation, left - 1);
  };
  let last = spawn(generation, 50) as { get(): unknown };
  for (let next = last.get(); typeof next === 'object'; next = last.get()) last = next as typeof last;
  wait(new Promise((resolve) => setTimeout(resolve, 1)));
  (globalThis as unknown as { gc(): void }).gc();
  const alive = refs.filter((ref) => ref.deref() !== undefined).length;
  assert.ok(alive < 10, `${alive} are alive`);
});

test('assertSwitches passes what lets others run, and fails what hogs', () => {
  assert.equal(
    assertSwitches(() => (sleep(1), 'slept'), { maxBlocking: 60_000 }),
    'slept',
  );
  assert.throws(() => assertSwitches(() => compute(1)), { code: 'ERR_ASSERTION', message: /has not blocked/ });
  assert.throws(
    () =>
      assertSwitches(
        () => {
          spawn({ name: 'hog' }, compute, 300).join();
        },
        { maxBlocking: 40 },
      ),
    /hog has run for \d+ ms/,
  );
  assert.throws(() => assertSwitches(() => sleep(0), { maxBlocking: -1 }), /RangeError.*-1/);
  assert.throws(() => assertSwitches(() => sleep(0), 5 as never), /TypeError.*5/);
  assert.throws(() => assertSwitches(() => assert.fail('passes through')), /passes through/);
});

test('diagnostics channels tell of spawns, switches and ends', () => {
  const log: string[] = [];
  const name = (greenlet: RawGreenlet): string => (greenlet as { name?: string }).name ?? 'main';
  const self = name(getCurrent());
  const listeners = {
    'greenlets:spawn': ({ greenlet, spawner }: never) => log.push(`${name(spawner)} spawns ${name(greenlet)}`),
    'greenlets:switch': ({ origin, target }: never) => log.push(`${name(origin)} > ${name(target)}`),
    'greenlets:end': ({ greenlet }: never) => log.push(`${name(greenlet)} ends`),
  };
  for (const [channelName, listener] of Object.entries(listeners)) channel(channelName).subscribe(listener as never);
  inOneSlice(() => spawn({ name: 'short' }, () => {}).join());
  for (const [channelName, listener] of Object.entries(listeners)) channel(channelName).unsubscribe(listener as never);
  spawn(() => {}).join();
  assert.deepEqual(log, [`${self} spawns short`, `${self} > short`, 'short ends', `short > ${self}`]);
});

test('dumpOnSignal refuses signals that there are not, and that cannot be handled', () => {
  assert.throws(() => dumpOnSignal('SIGFOO' as never), /TypeError.*SIGFOO/);
  assert.throws(() => dumpOnSignal('SIGKILL'), /TypeError.*SIGKILL/);
});

test('the socket for inspection stays until the last who asked for it is done', () => {
  const path = `/tmp/greenlets-${process.getuid?.()}/${process.pid}.sock`;
  const [first, second] = [serveInspection(), serveInspection()];
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(existsSync(path), true);
  second[Symbol.dispose]();
  assert.equal(existsSync(path), false);
});

testOnMain('a signal prints the tree, once that is asked for', async () => {
  const source = `import { run, sleep, spawn } from 'greenlets'; import { dumpOnSignal } from 'greenlets/inspect';
    const sleeper = spawn({ name: 'sleeper' }, () => sleep(60_000));
    dumpOnSignal();
    process.once('SIGUSR2', () => sleeper.kill(undefined, { block: false }));
    process.stdout.write('expects it\\n'); // not a word of the tree: it would call for another signal
    await run(() => sleeper.join());`;
  await withProgram('app.mjs', source, async (path) => {
    const { status, output } = await signalNode([path], 'expects it', 'SIGUSR2');
    assert.equal(status, 0);
    assert.match(output, /sleeper: blocked in sleep/);
  });
});

testOnMain('LoopExit lists who is stuck, where, and on what', async () => {
  const source = `import { Queue, run, spawn } from 'greenlets';
    await run(function program() { spawn({ name: 'reader' }, function reads() { new Queue().get(); }).join(); });`;
  await withProgram('app.mjs', source, async (path) => {
    const { status, output } = await signalNode([path], 'never', 'SIGTERM');
    assert.equal(status, 1);
    assert.match(output, /reader is blocked in Queue\.get for .* at reads/);
    assert.match(output, /blocked in Greenlet\.join of reader/);
  });
});
