/** One player: from the first message to the end of the connection. */
import { nursery, sleep } from 'greenlets';
import { RateLimiter } from 'greenlets/lock';
import { ClosedError, type Message, Timeout, type WebSocket } from 'greenlets/websocket';
import { fly } from '../bots/fly.ts';
import { decodeControls, encodeSnapshot } from '../shared/codec.ts';
import { type Join, REFUSED, REPLACED, type Welcome } from '../shared/messages.ts';
import type { Ship } from '../world/ship.ts';
import type { Arena } from './arena.ts';
import { Replaced, type Seat, type Seats } from './seats.ts';
import { View } from './view.ts';

/** How long a client may take for its first message, in ms. */
const JOIN_TIME = 10_000;
const LONGEST_NAME = 16;
/** Controls a second: beyond that a client is made to wait. */
const CONTROLS_RATE = 120;

/** Serves a player, in the greenlet of the connection. */
export function servePlayer(arena: Arena, seats: Seats, socket: WebSocket): void {
  const join = recvJoin(socket);
  if (join === null) return socket.close(REFUSED, 'expected a name');
  try {
    const seat = seats.find(join.name, join.token);
    seat.take(() => play(arena, seat, socket));
  } catch (error) {
    if (error instanceof Replaced) socket.close(REPLACED, 'this player has joined over another connection');
    else if (!(error instanceof ClosedError)) throw error;
  }
}

/** Three greenlets: one flies the ship, life after life, one sends what is seen, this one reads the controls. */
function play(arena: Arena, { ship, token }: Seat, socket: WebSocket): void {
  const { world } = arena;
  const rocks = world.rocks.all.map(({ x, y, radius }) => ({ x, y, radius }));
  const welcome: Welcome = { type: 'welcome', id: ship.id, token, size: world.size, rocks };
  socket.send(JSON.stringify(welcome));
  nursery((group) => {
    group.spawn({ name: `ship of ${ship.name}` }, fly, world, ship, leaveToControls);
    group.spawn({ name: `view of ${ship.name}` }, sendViews, arena, ship, socket);
    readControls(ship, socket);
    group.kill();
  });
}

/** The script of a ship that is flown over the network. */
function leaveToControls(): void {
  sleep(Number.POSITIVE_INFINITY);
}

/** Sends what the player sees, tick by tick. `send` waits while the client is slow: the next view is then that of a later tick, and the tick waits for nobody. */
export function sendViews(arena: Arena, ship: Ship, socket: Pick<WebSocket, 'send'>): void {
  const view = new View(arena, ship);
  for (;;) {
    arena.waitTick();
    const snapshot = view.snapshot();
    const news = view.news(snapshot);
    if (news !== null) socket.send(JSON.stringify(news));
    socket.send(encodeSnapshot(snapshot));
  }
}

/** Returns when the client has left, or says what it should not. */
function readControls(ship: Ship, socket: WebSocket): void {
  const limiter = new RateLimiter(CONTROLS_RATE, 1000);
  for (const message of socket) {
    const controls = typeof message === 'string' ? null : decodeControls(message);
    if (controls === null) return socket.close(REFUSED, 'expected controls');
    ship.controls = controls;
    limiter.acquire();
  }
}

/** Null if what comes is no `Join`, or nothing comes in time. */
function recvJoin(socket: WebSocket): Join | null {
  try {
    return parseJoin(socket.recv(JOIN_TIME));
  } catch (error) {
    if (error instanceof Timeout || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** @throws {SyntaxError} if it is no JSON. */
function parseJoin(message: Message | null): Join | null {
  const join: Partial<Record<keyof Join, unknown>> | null = JSON.parse(String(message));
  if (typeof join?.name !== 'string') return null;
  // Nothing invisible, and nothing that changes the direction of what stands beside it.
  const name =
    join.name
      .replace(/[\p{C}\p{Z}]+/gu, ' ')
      .trim()
      .slice(0, LONGEST_NAME) || 'Nobody';
  return typeof join.token === 'string' ? { name, token: join.token } : { name };
}
