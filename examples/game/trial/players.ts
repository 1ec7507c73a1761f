/** Players for the trial: real WebSocket clients that fly, shoot and look at all that they are sent. */
import { nursery, sleep, ticker } from 'greenlets';
import { connectWebSocket, type WebSocket } from 'greenlets/websocket';
import { decodeSnapshot, encodeControls } from '../shared/codec.ts';
import type { Snapshot, Welcome } from '../shared/messages.ts';
import { TICK } from '../shared/rules.ts';

/** What all players together have seen. */
export interface PlayersReport {
  snapshots: number;
  bytes: number;
  /** Players who have seen their ship move. */
  moved: number;
  /** Ticks that nobody has sent to a player: it was too slow. */
  missed: number;
  /** Longest time between two snapshots for any player, in ms. */
  longestGap: number;
}

/** Lets `count` players play on the server whose page is at `url`. Returns after `seconds` of play. */
export function playAll(url: string, count: number, seconds: number): PlayersReport {
  const report: PlayersReport = { snapshots: 0, bytes: 0, moved: 0, missed: 0, longestGap: 0 };
  nursery((group) => {
    const players = Array.from({ length: count }, (_, i) => join(url, `Player ${i + 1}`));
    for (const { socket, me } of players) {
      group.spawn(steer, socket);
      group.spawn(watch, socket, me, report);
    }
    sleep(seconds * 1000);
    group.kill();
    for (const { socket } of players) socket.close();
  });
  return report;
}

function join(url: string, name: string): { socket: WebSocket; me: number } {
  const socket = connectWebSocket(new URL('/play', url.replace(/^http/, 'ws')));
  socket.send(JSON.stringify({ name }));
  const { id } = JSON.parse(String(socket.recv())) as Welcome;
  return { socket, me: id };
}

/** Sends controls as often as the page does; another course now and then. */
function steer(socket: WebSocket): void {
  let course = 0;
  for (const tick of ticker(TICK)) {
    if (tick % 30 === 0) course = Math.random() * 2 * Math.PI;
    const controls = {
      moveX: Math.cos(course),
      moveY: Math.sin(course),
      aim: course,
      fire: tick % 60 < 20,
      dash: false,
    };
    socket.send(encodeControls(controls));
  }
}

function watch(socket: WebSocket, me: number, report: PlayersReport): void {
  let last: { snapshot: Snapshot; time: number } | null = null;
  let hasMoved = false;
  for (const message of socket) {
    if (typeof message === 'string') continue;
    const snapshot = decodeSnapshot(message);
    const time = performance.now();
    report.snapshots++;
    report.bytes += message.length;
    if (last !== null) {
      report.missed += snapshot.tick - last.snapshot.tick - 1;
      report.longestGap = Math.max(report.longestGap, time - last.time);
      if (!hasMoved && moved(last.snapshot, snapshot, me)) report.moved++;
      hasMoved ||= moved(last.snapshot, snapshot, me);
    }
    last = { snapshot, time };
  }
}

function moved(before: Snapshot, after: Snapshot, id: number): boolean {
  const [from, to] = [before, after].map(({ ships }) => ships.find((ship) => ship.id === id));
  return from !== undefined && to !== undefined && (from.x !== to.x || from.y !== to.y);
}
