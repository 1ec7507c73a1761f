import assert from 'node:assert/strict';
import { testOnMain as test } from '../../../test/support/leaks.ts';
import { decodeControls, decodeSnapshot, encodeControls, encodeSnapshot } from '../shared/codec.ts';
import type { Snapshot } from '../shared/messages.ts';
import { TICK } from '../shared/rules.ts';
import { Timeline } from '../shared/timeline.ts';

function snapshot(tick: number, x: number, aim = 0): Snapshot {
  const ship = { id: 70_000, x, y: 20.5, aim, health: 80, shielded: true };
  return { tick, score: 12, rank: 3, ships: [ship], shots: [], gems: [] };
}

test('a snapshot arrives as it was sent, as exact as it is drawn', () => {
  const sent: Snapshot = {
    ...snapshot(100_000, 8000.125, Math.PI),
    shots: [{ id: 5, x: 1, y: 2, hue: 255 }],
    gems: [{ x: 3, y: 4, value: 5 }],
  };
  assert.deepEqual(decodeSnapshot(encodeSnapshot(sent)), sent);
});

test('controls arrive as they were sent; a vector that is too long is cut, other bytes are refused', () => {
  const sent = { moveX: -1, moveY: 0, aim: Math.PI / 2, fire: true, dash: false };
  assert.deepEqual(decodeControls(encodeControls(sent)), sent);
  const { moveX, moveY } = decodeControls(Uint8Array.of(127, 127, 0, 0, 0)) ?? { moveX: 0, moveY: 0 };
  assert.ok(Math.abs(Math.hypot(moveX, moveY) - 1) < 1e-9);
  assert.equal(decodeControls(new Uint8Array(4)), null);
  assert.equal(decodeControls(new Uint8Array(600)), null);
});

test('between two snapshots ships move evenly, and turn the short way', () => {
  const timeline = new Timeline();
  assert.equal(timeline.at(0), null);
  for (let tick = 0; tick < 10; tick++)
    timeline.add(snapshot(tick, 100 + 9 * tick, tick % 2 === 0 ? 0.1 : 6.2), tick * TICK);
  const xs = [5, 5.25, 5.5, 5.75, 6].map((tick) => timeline.at(tick * TICK)?.ships[0]?.x as number);
  for (let i = 1; i < xs.length; i++) assert.ok(Math.abs((xs[i] as number) - (xs[i - 1] as number) - 9 / 4) < 1e-9);
  const aim = timeline.at(5 * TICK)?.ships[0]?.aim as number;
  assert.ok(Math.cos(aim - 0.1) > 0.98);
});

test('snapshots that are held up on the way, or left out, do not disturb the movement', () => {
  const timeline = new Timeline();
  const delays = [0, 30, 5, 0, 28, 12, 0, 30, 3, 20];
  for (const [tick, delay] of delays.entries()) {
    if (tick !== 4) timeline.add(snapshot(tick, 100 + 9 * tick), tick * TICK + delay);
  }
  const xs = Array.from({ length: 16 }, (_, i) => timeline.at((5 + i / 4) * TICK)?.ships[0]?.x as number);
  for (let i = 1; i < xs.length; i++) assert.ok(Math.abs((xs[i] as number) - (xs[i - 1] as number) - 9 / 4) < 1e-9);
});

test('who comes back elsewhere does not fly there', () => {
  const timeline = new Timeline();
  for (let tick = 0; tick < 10; tick++) timeline.add(snapshot(tick, tick < 5 ? 100 : 3000), tick * TICK);
  for (let tick = 3; tick < 10; tick += 0.1) {
    assert.ok([100, 3000].includes(timeline.at(tick * TICK)?.ships[0]?.x as number));
  }
});
