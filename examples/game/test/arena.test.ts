/** Ticks, and players who are slow, on a virtual clock. */
import assert from 'node:assert/strict';
import { sleep, spawn } from 'greenlets';
import { VirtualClock } from 'greenlets/testing';
import { test } from '../../../test/support/leaks.ts';
import { Arena } from '../server/arena.ts';
import { sendViews } from '../server/player.ts';
import { decodeSnapshot } from '../shared/codec.ts';
import { TICK, TICK_RATE } from '../shared/rules.ts';
import { Ship } from '../world/ship.ts';

test('the ticks of an arena come on a grid that does not drift', () => {
  using _clock = new VirtualClock();
  const arena = new Arena({ size: 2000 });
  using _ticks = spawn(() => arena.run());
  sleep(20_000 + TICK / 2);
  assert.equal(arena.world.tick, 20 * TICK_RATE);
  assert.ok(Math.abs(arena.times.intervals.mean - TICK) < 0.01);
});

test('a slow client gets fewer snapshots, always of the latest tick; neither ticks nor other clients wait for it', () => {
  using _clock = new VirtualClock();
  const arena = new Arena({ size: 2000 });
  /** Sees by a connection on which a message takes so long; gives how old each snapshot was when it was sent, in ticks. */
  const see = (ms: number): number[] => {
    const ages: number[] = [];
    const send = (data: string | Uint8Array): void => {
      if (typeof data === 'string') return;
      ages.push(arena.world.tick - decodeSnapshot(data).tick);
      if (ms > 0) sleep(ms);
    };
    const ship = new Ship('Ada', false);
    arena.world.launch(ship);
    viewers.push(spawn(sendViews, arena, ship, { send }));
    return ages;
  };
  const viewers = [spawn(() => arena.run())];
  const slow = see(500);
  const fast = see(0);
  sleep(10_000 + TICK / 2);
  for (const viewer of viewers) viewer.kill();
  assert.equal(arena.world.tick, 10 * TICK_RATE);
  assert.equal(fast.length, 10 * TICK_RATE);
  assert.ok(slow.length >= 18 && slow.length <= 20);
  assert.ok([...slow, ...fast].every((age) => age === 0));
});
