import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Greenlet,
  GreenletExit,
  getCurrent,
  getHub,
  Hub,
  RawGreenlet,
  run,
  sleep,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  ticker,
  wait,
  waitCallback,
} from 'greenlets';
import { Event } from 'greenlets/event';
import { Channel, Queue } from 'greenlets/queue';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';
import { inOneSlice } from './support/slice.ts';

const hub = getHub();

/** What the hub reports while `body` runs, and for the two turns of the event loop after. */
function reportedDuring(body: () => void): [unknown, unknown][] {
  const reported: [unknown, unknown][] = [];
  const listener = (greenlet: unknown, error: unknown): number => reported.push([greenlet, error]);
  hub.on('error', listener);
  try {
    body();
    for (let turn = 0; turn < 4; turn++) waitCallback((done) => setImmediate(done, null));
  } finally {
    hub.off('error', listener);
  }
  return reported;
}

test('stats count switches, and the greenlets started, alive, ready and blocked', () => {
  const before = hub.stats;
  assert.ok(getHub() instanceof Hub);
  assert.deepEqual(Object.keys(before).sort(), ['alive', 'blocked', 'ready', 'spawned', 'switches']);
  const event = new Event();
  const all = [spawn(() => event.wait()), spawn(() => event.wait())];
  spawnRaw(() => event.wait());
  const added = (key: keyof typeof before): number => hub.stats[key] - before[key];
  assert.deepEqual([added('spawned'), added('alive'), added('ready'), added('blocked')], [3, 3, 3, 0]);
  sleep(0);
  assert.deepEqual([added('alive'), added('ready'), added('blocked')], [3, 0, 3]);
  assert.ok(added('switches') >= 3);
  event.set();
  assert.deepEqual([added('alive'), added('ready'), added('blocked')], [3, 3, 0]);
  for (const greenlet of all) greenlet.join();
  sleep(0);
  assert.deepEqual([added('alive'), added('ready'), added('blocked')], [0, 0, 0]);
});

test('one killed before its turn is neither alive nor ready; one to start later is alive', () => {
  const before = hub.stats;
  spawn(() => assert.fail('must not run')).kill();
  const later = spawnLater(1e6, () => {});
  assert.deepEqual([hub.stats.alive - before.alive, hub.stats.ready - before.ready], [1, 0]);
  later.kill();
  assert.equal(hub.stats.alive, before.alive);
});

test('Hub.join waits until no greenlet is left but the caller', () => {
  using _clock = new VirtualClock();
  assert.equal(hub.join(), true);
  const log: string[] = [];
  spawn(() => {
    sleep(5);
    log.push('greenlet');
    spawn(() => log.push('its child'));
  });
  spawnRaw(() => {
    sleep(8);
    log.push('raw');
  });
  spawnLater(20, () => log.push('later'));
  assert.equal(hub.join(0), false);
  assert.equal(hub.join(1), false);
  assert.equal(hub.join(), true);
  assert.deepEqual(log, ['greenlet', 'its child', 'raw', 'later']);
  assert.equal(hub.join(), true, 'it may be joined again');
});

test('Hub.join returns when the last one is killed before it has begun', () => {
  const later = spawnLater(1e6, () => {});
  setImmediate(() => later.kill());
  assert.equal(hub.join(), true);
});

test('Hub.join returns when main has ended the last raw greenlet by hand', () => {
  let raw: RawGreenlet | undefined;
  waitCallback((done) =>
    setImmediate(() => {
      const main = getCurrent();
      raw = new RawGreenlet(() => main.switch());
      raw.switch();
      done(null);
    }),
  );
  assert.equal(hub.join(0), false);
  setImmediate(() => raw?.switch());
  assert.equal(hub.join(), true);
});

test('several may join the hub at once', () => {
  const joiners = [spawn(() => hub.join()), spawn(() => hub.join())];
  assert.equal(hub.join(), true);
  for (const joiner of joiners) assert.equal(joiner.get(), true);
});

test('a failure that nobody observes is reported with its greenlet, after the next turn of the loop', () => {
  const failure = new Error('alone');
  let greenlet: Greenlet | undefined;
  const reported = reportedDuring(() => {
    greenlet = spawn(() => {
      throw failure;
    }) as Greenlet;
    sleep(0);
    assert.equal(greenlet.exception, failure); // reading it observes nothing
    assert.equal(greenlet.successful, false);
  });
  assert.deepEqual(reported, [[greenlet, failure]]);
});

test('whoever asks for the outcome by the end of the next turn has observed it', () => {
  const fail = (): Greenlet<never> =>
    spawn(() => {
      throw new Error('observed');
    });
  const reported = reportedDuring(() => {
    const nextTurn = () => waitCallback((done) => setImmediate(done, null));
    inOneSlice(() => {
      nextTurn();
      const late = fail();
      sleep(0);
      nextTurn();
      assert.throws(() => late.get(), /observed/);
    });
    fail().join();
    fail().kill();
    fail().link(() => {});
    fail().rawLink(() => {});
    fail()
      .toPromise()
      .catch(() => {});
    run(() => {
      throw new Error('observed by run');
    }).catch(() => {});
    assert.throws(() => wait(fail()));
  });
  assert.deepEqual(reported, []);
});

test('an async function that rejects is a failure like any other; a kill never is one', () => {
  const failure = new Error('rejected');
  const reported = reportedDuring(() => {
    spawn(async () => {
      throw failure;
    });
    spawn(() => sleep(1e6)).throw(new GreenletExit());
    sleep(0);
  });
  assert.deepEqual(
    reported.map(([, error]) => error),
    [failure],
  );
});

test('a raw greenlet that fails is reported as well', () => {
  const failure = new Error('raw');
  const reported = reportedDuring(() => {
    spawnRaw(() => {
      throw failure;
    });
    sleep(0);
  });
  assert.deepEqual(
    reported.map(([, error]) => error),
    [failure],
  );
});

/** Loops that never leave the event loop anything to wait for. */
const busyLoops: Record<string, () => void> = {
  'sleep(0)': () => {
    for (;;) sleep(0);
  },
  'wait(Promise.resolve())': () => {
    for (;;) wait(Promise.resolve());
  },
  'async greenlets': () => {
    for (;;) spawn(async () => {}).get();
  },
  'event hand-overs': () => {
    const [ping, pong] = [new Event(), new Event()];
    using _echo = spawn(() => {
      for (;;) {
        ping.wait();
        ping.clear();
        pong.set();
      }
    });
    for (;;) {
      ping.set();
      pong.wait();
      pong.clear();
    }
  },
  'queue traffic': () => {
    const queue = new Queue<number>(1);
    using _reader = spawn(() => {
      for (;;) queue.get();
    });
    for (;;) queue.put(1);
  },
  'channel traffic': () => {
    const channel = new Channel<number>();
    using _reader = spawn(() => {
      for (const _ of channel);
    });
    for (;;) channel.put(1);
  },
  'spawn and join': () => {
    for (;;) spawn(() => 1).join();
  },
  'links of the hub': () => {
    const event = new Event();
    event.set();
    let going = true;
    const again = (): void => {
      if (going) event.rawLink(again);
    };
    again();
    try {
      for (;;) sleep(1);
    } finally {
      going = false;
    }
  },
};

for (const [name, loop] of Object.entries(busyLoops)) {
  test(`an endless loop of ${name} lets timers, I/O and timeouts through`, () => {
    const busy = spawn(loop);
    waitCallback((done) => setTimeout(done, 10, null));
    const server = createServer((_, response) => response.end('hello'));
    waitCallback((done) => server.listen(0, '127.0.0.1', () => done(null)));
    const { port } = server.address() as AddressInfo;
    const text = waitCallback<string>((done) => {
      get({ port, host: '127.0.0.1', agent: false }, (response) => {
        response.setEncoding('utf8').on('data', (chunk) => done(null, chunk));
      });
    });
    assert.equal(text, 'hello');
    waitCallback((done) => server.close(() => done(null)));
    busy.kill(undefined, { persistent: true });
    assert.equal(Timeout.run(10, loop, false), undefined);
  });
}

test('ticker keeps a steady beat; late ticks are not made up', () => {
  using clock = new VirtualClock();
  const times: [number, number][] = [];
  const begun = clock.now();
  for (const tick of ticker(10)) {
    times.push([tick, clock.now() - begun]);
    if (tick === 1) sleep(25);
    if (tick === 4) break;
  }
  assert.deepEqual(times, [
    [0, 10],
    [1, 20],
    [2, 50],
    [3, 60],
    [4, 70],
  ]);
  for (const ms of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => ticker(ms), new RegExp(`RangeError.*${ms}`));
  }
  assert.throws(() => ticker('5' as never), /TypeError.*'5'/);
});

test('sleep refuses what is no duration, with the value', () => {
  for (const ms of [-1, Number.NaN]) assert.throws(() => sleep(ms), new RegExp(`RangeError.*${ms}`));
  for (const ms of ['1', null, {}])
    assert.throws(() => sleep(ms as never), /TypeError: .* must be a number of ms, got/);
  for (const ms of [-1, '1']) assert.throws(() => spawnLater(ms as never, () => 1), /(Range|Type)Error/);
});

testOnMain(
  'greenlets run in the order in which they were spawned, never inline, in the same turn of the loop',
  async () => {
    const log: string[] = [];
    setImmediate(() => log.push('immediate'));
    for (const name of ['a', 'b']) spawn(() => log.push(name));
    assert.equal(log.length, 0);
    await new Promise(setImmediate);
    assert.deepEqual(log, ['a', 'b', 'immediate']);
  },
);

testOnMain('Hub.join works on the main stack where nothing is left', () => {
  assert.equal(hub.join(), true);
  assert.equal(hub.join(0), true);
});

testOnMain('LoopExit is raised in the greenlet behind run, and names who is stuck, where and on what', async () => {
  const program = `
    import { run, spawn, LoopExit } from 'greenlets';
    import { Queue } from 'greenlets/queue';
    import { Lock } from 'greenlets/lock';
    const queue = new Queue();
    const lock = new Lock();
    lock.acquire();
    spawn({ name: 'the locker' }, function waitsForTheLock() { lock.acquire(); });
    await run(function waitsForAnItem() {
      try { queue.get(); }
      catch (error) { console.log(error instanceof LoopExit, error.code, error.message); }
    });
    console.log('ended');
  `;
  await withProgram('stuck.mjs', program, (path) => {
    const { status, output } = runNode([path]);
    assert.match(output, /^true ERR_GREENLETS_LOOP_EXIT/);
    assert.match(output, /the locker .*(Lock|acquire).*waitsForTheLock/);
    assert.match(output, /Queue\.get.*waitsForAnItem/);
    assert.match(output, /ended/);
    assert.equal(status, 0);
  });
});

testOnMain('who goes on after a LoopExit, and is stuck once more, gets another', async () => {
  const program = `
    import { run, sleep } from 'greenlets';
    import { Queue } from 'greenlets/queue';
    await run(() => {
      for (let i = 0; i < 3; i++) {
        try { new Queue().get(); } catch (error) { console.log(error.code); }
      }
    });
    console.log('end');
  `;
  await withProgram('again.mjs', program, (path) => {
    const output = `${'ERR_GREENLETS_LOOP_EXIT\n'.repeat(3)}end\n`;
    assert.deepEqual(runNode([path]), { status: 0, output });
  });
});

testOnMain('without a run that waits, a process whose greenlets are stuck just ends', async () => {
  const program = `
    import { spawn } from 'greenlets';
    import { Queue } from 'greenlets/queue';
    spawn(() => new Queue().get());
    console.log('main ends');
  `;
  await withProgram('ends.mjs', program, (path) => {
    assert.deepEqual(runNode([path]), { status: 0, output: 'main ends\n' });
  });
});

testOnMain('without a listener an unobserved failure is an uncaught exception', async () => {
  const program = `
    import { spawn } from 'greenlets';
    process.on('exit', (code) => console.log('exit', code));
    spawn(() => { throw new Error('nobody looked'); });
  `;
  await withProgram('unobserved.mjs', program, (path) => {
    const { status, output } = runNode([path]);
    assert.equal(status, 1);
    assert.match(output, /nobody looked/);
    assert.match(output, /exit 1/);
  });
});
