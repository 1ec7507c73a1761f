/** Players for the trial: they fly, shoot and look at all that they are sent. */
import { nursery, sleep, ticker } from 'greenlets';
import type { Snapshot } from '../shared/messages.ts';
import { TICK, TICK_RATE } from '../shared/rules.ts';
import { Client } from './client.ts';

/** What all players together have seen. */
export interface PlayersReport {
  snapshots: number;
  bytes: number;
  /** Ticks that were left out for a player who was too slow. */
  missed: number;
  /** Longest time between two snapshots for any player, in ms. */
  longestGap: number;
  /** Players who have seen their ship move. */
  moved: number;
}

/** Lets `count` players play on the server whose page is at `url`, for so many seconds. */
export function playAll(url: string, count: number, seconds: number): PlayersReport {
  const report: PlayersReport = { snapshots: 0, bytes: 0, missed: 0, longestGap: 0, moved: 0 };
  const clients = Array.from({ length: count }, (_, i) => new Client(url, { name: `Player ${i + 1}` }));
  nursery((group) => {
    for (const client of clients) {
      group.spawn(steer, client);
      group.spawn(watch, client, report);
    }
    sleep(seconds * 1000);
    group.kill();
  });
  for (const client of clients) {
    report.bytes += client.bytes;
    client.socket.close();
  }
  return report;
}

/** Sends controls as often as the page does; another course every second. */
function steer(client: Client): void {
  let aim = 0;
  for (const tick of ticker(TICK)) {
    if (tick % TICK_RATE === 0) aim = Math.random() * 2 * Math.PI;
    const fire = tick % (2 * TICK_RATE) < TICK_RATE;
    client.steer({ moveX: Math.cos(aim), moveY: Math.sin(aim), aim, fire, dash: false });
  }
}

function watch(client: Client, report: PlayersReport): void {
  const { id } = client.welcome;
  let before: Snapshot | null = null;
  let time = 0;
  let hasMoved = false;
  for (let snapshot = client.look(); snapshot !== null; snapshot = client.look()) {
    const now = performance.now();
    report.snapshots++;
    if (before !== null) {
      report.missed += snapshot.tick - before.tick - 1;
      report.longestGap = Math.max(report.longestGap, now - time);
    }
    if (!hasMoved && before !== null && isElsewhere(before, snapshot, id)) {
      hasMoved = true;
      report.moved++;
    }
    before = snapshot;
    time = now;
  }
}

function isElsewhere(before: Snapshot, after: Snapshot, id: number): boolean {
  const from = before.ships.find((ship) => ship.id === id);
  const to = after.ships.find((ship) => ship.id === id);
  return from !== undefined && to !== undefined && (from.x !== to.x || from.y !== to.y);
}
