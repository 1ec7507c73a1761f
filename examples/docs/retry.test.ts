import assert from 'node:assert/strict';
import { joinAll, sleep, spawn } from 'greenlets';
import { test } from 'greenlets/test';
import { explore, VirtualClock } from 'greenlets/testing';

/** Tries again after 1 s, 2 s, 4 s … */
function retry<T>(fn: () => T): T {
  for (let pause = 1000; ; pause *= 2) {
    try {
      return fn();
    } catch {
      sleep(pause);
    }
  }
}

test('pauses grow, in virtual time', () => {
  using clock = new VirtualClock();
  let failures = 3;
  retry(() => {
    if (failures-- > 0) throw new Error('not yet');
  });
  assert.equal(clock.now(), 7000); // and yet the test takes a few milliseconds
});

test('two counters never lose an increment, whatever order they run in', () => {
  explore(
    () => {
      let count = 0;
      const increment = (): void => {
        sleep(1);
        count++;
      };
      joinAll([spawn(increment), spawn(increment)]);
      assert.equal(count, 2);
    },
    { schedules: 50 },
  );
});
