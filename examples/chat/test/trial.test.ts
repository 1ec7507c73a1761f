import assert from 'node:assert/strict';
import { test } from '../../../test/support/leaks.ts';
import { runCrowd } from '../trial/crowd.ts';
import { runSlowReader } from '../trial/slow-reader.ts';
import { withChat } from './chat.ts';

test('in a crowd every message comes to everyone in its room, once', () => {
  withChat((url) => {
    const figures = runCrowd({ url, sockets: 120, rooms: 4, messages: 3, duration: 300, patience: 60_000 });
    const { delivered, lost, doubled } = figures;
    assert.deepEqual({ delivered, lost, doubled }, { delivered: 120 * 3 * 30, lost: 0, doubled: 0 });
  });
});

test('one who does not read is skipped, does not hold up the others, and catches up without a loss', () => {
  withChat((url) => {
    const { skipped, lost, doubled } = runSlowReader(url);
    assert.ok(skipped > 0);
    assert.deepEqual({ lost, doubled }, { lost: 0, doubled: 0 });
  });
});
