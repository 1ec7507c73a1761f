import assert from 'node:assert/strict';
import { type Greenlet, GreenletExit, type Group, getCurrent, nursery, sleep, spawn, Timeout } from 'greenlets';
import { Event } from 'greenlets/event';
import { GreenletError, Pool } from 'greenlets/pool';
import { VirtualClock } from 'greenlets/testing';
import { test, testOnMain } from './support/leaks.ts';

const fail = (message: string): never => {
  throw new Error(message);
};

/** The messages of what `body` throws: of the error, and of those in its `suppressed`. */
function thrownBy(body: () => unknown): string[] {
  try {
    body();
  } catch (error) {
    const { message, suppressed = [] } = error as { message: string; suppressed?: Error[] };
    return [message, ...suppressed.map((later) => later.message)];
  }
  return assert.fail('nothing was thrown');
}

test('a nursery returns what its function returns, when all children have ended', () => {
  const log: string[] = [];
  const value = nursery((group) => {
    group.spawn(() => {
      sleep(1);
      log.push('child');
      group.spawn(() => {
        sleep(1);
        log.push('grandchild');
      });
    });
    return 'value';
  });
  assert.equal(value, 'value');
  assert.deepEqual(log, ['child', 'grandchild']);
  assert.equal(
    nursery(() => 5),
    5,
  );
});

test('the first failure of a child kills the rest persistently, and is thrown once they have ended', () => {
  const log: string[] = [];
  const messages = thrownBy(() =>
    nursery((group) => {
      group.spawn(() => {
        for (let i = 0; i < 2; i++) {
          try {
            sleep(1e6);
          } catch (error) {
            assert.ok(error instanceof GreenletExit);
            log.push('killed');
          }
        }
      });
      group.spawn(() => fail('first'));
      sleep(1e6);
    }),
  );
  assert.deepEqual(messages, ['first']);
  assert.deepEqual(log, ['killed', 'killed']);
});

test('a failure of the function kills the children', () => {
  let child: Greenlet<void> | undefined;
  const messages = thrownBy(() =>
    nursery((group) => {
      child = group.spawn(() => sleep(1e6));
      sleep(0);
      fail('function');
    }),
  );
  assert.deepEqual(messages, ['function']);
  assert.equal(child?.killed, true);
});

test('later failures stand in `suppressed` of the first', () => {
  const messages = thrownBy(() =>
    nursery((group) => {
      group.spawn(() => {
        try {
          sleep(1e6);
        } finally {
          fail('third');
        }
      });
      group.spawn(() => fail('first'));
      try {
        sleep(1e6);
      } catch {
        fail('second');
      }
    }),
  );
  assert.equal(messages[0], 'first');
  assert.deepEqual(messages.slice(1).sort(), ['second', 'third']);
});

test('an error that comes twice, from the child and from who waited for it, is one failure', () => {
  const messages = thrownBy(() =>
    nursery((group) => {
      group.spawn(() => fail('once')).get();
    }),
  );
  assert.deepEqual(messages, ['once']);
});

test('the function feels a child’s failure at every blocking call', () => {
  let raised = 0;
  const messages = thrownBy(() =>
    nursery((group) => {
      group.spawn(() => fail('child'));
      for (let i = 0; i < 3; i++) {
        try {
          sleep(1e6);
        } catch (error) {
          assert.ok(error instanceof GreenletExit);
          raised++;
        }
      }
      return 'not returned';
    }),
  );
  assert.deepEqual(messages, ['child']);
  assert.equal(raised, 3);
  sleep(0); // nothing of it is left
});

test('a killed child is no failure', () => {
  assert.equal(
    nursery((group) => {
      group.spawn(() => sleep(1e6)).kill();
      return 'fine';
    }),
    'fine',
  );
});

test('a kill from outside takes the children along', () => {
  let child: Greenlet<void> | undefined;
  const owner = spawn(() =>
    nursery((group) => {
      child = group.spawn(() => sleep(1e6));
      sleep(1e6);
    }),
  );
  sleep(0);
  sleep(0);
  assert.equal(owner.kill(), true);
  assert.deepEqual([owner.killed, child?.killed], [true, true]);
});

test('a kill while the nursery only waits for its children takes them along', () => {
  let child: Greenlet<void> | undefined;
  const owner = spawn(() =>
    nursery((group) => {
      child = group.spawn(() => sleep(1e6));
    }),
  );
  sleep(0);
  sleep(0);
  assert.equal(owner.kill(), true);
  assert.deepEqual([owner.killed, child?.killed], [true, true]);
});

test('a forced end of the owner takes the children along', () => {
  let child: Greenlet<void> | undefined;
  const owner = spawn(() =>
    nursery((group) => {
      child = group.spawn(() => sleep(1e6));
      sleep(1e6);
    }),
  );
  sleep(0);
  sleep(0);
  assert.equal(owner.kill(undefined, { hard: true }), true);
  assert.equal(child?.join(1000), true);
  assert.equal(child?.killed, true);
});

test('a timeout around it passes through as itself, after the children have ended', () => {
  const log: string[] = [];
  const timeout = new Timeout(1);
  timeout.start();
  assert.throws(
    () =>
      nursery((group) => {
        group.spawn(() => {
          try {
            sleep(1e6);
          } finally {
            log.push('child ended');
          }
        });
      }),
    (error) => error === timeout,
  );
  assert.deepEqual(log, ['child ended']);
});

test('nested: an outer child’s failure ends the inner nursery too', () => {
  const log: string[] = [];
  const messages = thrownBy(() =>
    nursery((outer) => {
      outer.spawn(() => {
        sleep(1);
        fail('outer child');
      });
      nursery((inner) => {
        inner.spawn(() => {
          try {
            sleep(1e6);
          } finally {
            log.push('inner child ended');
          }
        });
      });
    }),
  );
  assert.deepEqual(messages, ['outer child']);
  assert.deepEqual(log, ['inner child ended']);
  sleep(0);
});

test('nested: an inner failure that the outer function handles leaves the outer nursery whole', () => {
  const value = nursery((outer) => {
    const sibling = outer.spawn(() => {
      sleep(1);
      return 'sibling';
    });
    try {
      nursery((inner) => {
        inner.spawn(() => fail('inner'));
      });
    } catch {
      return sibling.get();
    }
    return 'not reached';
  });
  assert.equal(value, 'sibling');
});

test('limit bounds how many children run at a time', () => {
  let running = 0;
  let most = 0;
  nursery(
    (group) => {
      for (let i = 0; i < 6; i++) {
        group.spawn(() => {
          most = Math.max(most, ++running);
          sleep(1);
          running--;
        });
      }
    },
    { limit: 2 },
  );
  assert.equal(most, 2);
  assert.throws(() => nursery(() => 1, { limit: -1 }), /RangeError.*-1/);
  assert.throws(() => nursery(5 as never), /TypeError.*5/);
});

test('its group has all of a Group: map, imap, kill, join', () => {
  nursery((group) => {
    assert.deepEqual(
      group.map((n) => n + 1, [1, 2]),
      [2, 3],
    );
    assert.deepEqual([...group.imap((n) => n + 1, [1, 2])], [2, 3]);
    const child = group.spawn(() => sleep(1e6));
    assert.equal(group.size, 1);
    assert.equal(group.kill(), true);
    assert.equal(child.killed, true);
    assert.equal(group.join(), true);
  });
});

test('nothing started inside outlives it: its group refuses what comes later', () => {
  let leaked: Group | undefined;
  nursery((group) => {
    leaked = group;
  });
  assert.throws(() => leaked?.spawn(() => 1), GreenletError);
  assert.throws(() => leaked?.applyAsync(() => 1), GreenletError);
});

test('one who waits for room from outside is waited for, or refused', () => {
  const ran: string[] = [];
  let outsider: Greenlet<Greenlet<unknown>> | undefined;
  nursery(
    (group) => {
      group.spawn(() => sleep(1));
      outsider = spawn(() =>
        group.spawn(() => {
          sleep(1);
          ran.push('in time');
        }),
      );
      sleep(0);
    },
    { limit: 1 },
  );
  assert.deepEqual(ran, ['in time']);
  outsider?.join();
});

test('an error that waits is raised before the function is called', () => {
  let called = false;
  const doomed = spawn(() => {
    const self = getCurrent() as Greenlet;
    const woken = new Event();
    spawn(() => {
      woken.set();
      self.kill(undefined, { block: false });
    });
    woken.wait();
    nursery(() => {
      called = true;
    });
  });
  doomed.join();
  assert.deepEqual([called, doomed.killed], [false, true]);
});

test('failures of primitives and frozen errors are thrown as they are', () => {
  const throwing = (value: unknown): void => {
    nursery((group) => {
      group.spawn(() => {
        throw value;
      });
      group.spawn(() => fail('later'));
    });
  };
  assert.throws(
    () => throwing('text'),
    (error) => error === 'text',
  );
  const frozen = Object.freeze(new Error('frozen'));
  assert.throws(
    () => throwing(frozen),
    (error) => error === frozen,
  );
});

test('children of a nursery may fill its pool in each other’s stead', () => {
  using _clock = new VirtualClock();
  const pool = new Pool(2);
  const total = nursery((group) => {
    const parts = [1, 2, 3, 4].map((n) => group.spawn(() => pool.apply(() => (sleep(n), n))));
    return parts.reduce((sum, part) => sum + part.get(), 0);
  });
  assert.equal(total, 10);
});

testOnMain('on the main stack it throws, and calls nothing', () => {
  let called = false;
  assert.throws(
    () =>
      nursery(() => {
        called = true;
      }),
    { code: 'ERR_GREENLETS_CANNOT_BLOCK' },
  );
  assert.equal(called, false);
});
