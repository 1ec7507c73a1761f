import assert from 'node:assert/strict';
import { get } from 'greenlets/http';
import { connectWebSocket } from 'greenlets/websocket';
import { test } from '../../../test/support/leaks.ts';
import { Game } from '../server/game.ts';
import { REFUSED, REPLACED, type ShipView, type Snapshot } from '../shared/messages.ts';
import { Client } from '../trial/client.ts';
import { trial } from '../trial/trial.ts';
import { Rocks } from '../world/rocks.ts';
import { IDLE, type Ship } from '../world/ship.ts';

const RIGHT = { ...IDLE, moveX: 1 };

/** A running game without bots, rocks and gems. */
function withGame(body: (game: Game) => void): void {
  const size = 1600;
  using game = new Game({ host: '127.0.0.1', port: 0, bots: 0, size, rocks: new Rocks([], size), gems: 0 });
  game.start();
  body(game);
}

/** A player whose ship is there. */
function enter(game: Game, name: string, x: number, y: number): Client {
  const client = new Client(game.url, { name });
  lookFor(client, ({ ships }) => ships.some(({ id }) => id === client.welcome.id));
  Object.assign(flownBy(client, game), { x, y });
  return client;
}

function flownBy(client: Client, game: Game): Ship {
  return [...game.arena.world.ships].find(({ id }) => id === client.welcome.id) as Ship;
}

/** The next snapshot in which that is so. */
function lookFor(client: Client, isSo: (snapshot: Snapshot) => boolean): Snapshot {
  for (let snapshot = client.look(); snapshot !== null; snapshot = client.look()) if (isSo(snapshot)) return snapshot;
  throw new Error('the connection was closed');
}

function shipOf({ ships }: Snapshot, id: number): ShipView {
  const ship = ships.find((ship) => ship.id === id);
  assert.ok(ship, `ship ${id} is not to be seen`);
  return ship;
}

test('it serves its page, and nothing else', () => {
  withGame((game) => {
    const page = get(game.url);
    assert.equal(page.status, 200);
    assert.match(page.text(), /<canvas/);
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    for (const file of ['main.js', 'style.css', 'shared/codec.js']) {
      assert.equal(get(new URL(file, game.url)).status, 200, file);
    }
    for (const file of ['server/game.js', '..%2f..%2fpackage.json', 'shared/..%2fmain.js']) {
      assert.equal(get(new URL(file, game.url)).status, 404, file);
    }
  });
});

test('a player flies by the controls that it sends, and others see it, with its name', () => {
  withGame((game) => {
    using ada = enter(game, ' Ada\u202e \n ', 700, 700);
    using bob = enter(game, 'Bob', 800, 800);
    const { id } = ada.welcome;
    const { x } = shipOf(
      lookFor(bob, ({ ships }) => ships.length === 2),
      id,
    );
    ada.steer(RIGHT);
    lookFor(bob, (snapshot) => shipOf(snapshot, id).x > x + 50);
    const met = bob.news.flatMap(({ ships = [] }) => ships);
    assert.deepEqual(met.map(({ name, isBot }) => [name, isBot]).sort(), [
      ['Ada', false],
      ['Bob', false],
    ]);
  });
});

test('whoever leaves is gone for the others, and comes back with the token as the same ship with its score', () => {
  withGame((game) => {
    using bob = enter(game, 'Bob', 800, 800);
    const ada = enter(game, 'Ada', 700, 700);
    const { id, token } = ada.welcome;
    lookFor(bob, ({ ships }) => ships.length === 2);
    flownBy(ada, game).score = 42;
    ada.socket.close();
    lookFor(bob, ({ ships }) => ships.length === 1);
    using again = new Client(game.url, { name: 'Ada', token });
    assert.equal(again.welcome.id, id);
    assert.equal(again.look()?.score, 42);
    using other = new Client(game.url, { name: 'Ada', token: 'invented' });
    assert.notEqual(other.welcome.id, id);
  });
});

test('a token that comes over a second connection ends the first one', () => {
  withGame((game) => {
    using first = new Client(game.url, { name: 'Ada' });
    using second = new Client(game.url, { name: 'Ada', token: first.welcome.token });
    while (first.look() !== null);
    assert.equal(first.socket.closeCode, REPLACED);
    assert.equal(second.welcome.id, first.welcome.id);
    assert.equal(game.arena.world.ships.size, 1);
  });
});

test('clients that do not speak the protocol are refused, and disturb nobody', () => {
  withGame((game) => {
    const url = new URL('/play', game.url.replace('http', 'ws'));
    for (const message of ['hello', '{}', 'null', '{"name":1}', new Uint8Array(5)]) {
      using socket = connectWebSocket(url);
      socket.send(message);
      assert.equal(socket.recv(), null);
      assert.equal(socket.closeCode, REFUSED, String(message));
    }
    for (const message of ['hello', new Uint8Array(4)]) {
      using client = new Client(game.url, { name: 'Eve' });
      client.socket.send(message);
      while (client.look() !== null);
      assert.equal(client.socket.closeCode, REFUSED);
    }
    using _ada = enter(game, 'Ada', 800, 800);
  });
});

test('a trial in short: bots and players in two processes', () => {
  const { ticks, times, players } = trial({ bots: 30, players: 8, seconds: 2 });
  assert.ok(ticks > 10);
  assert.ok(times.work.size >= ticks - 1);
  assert.ok(players.snapshots > 8 * 10);
  assert.equal(players.moved, 8);
});

test('errors of the game are not lost', () => {
  withGame((game) => {
    game.arena.world.step = () => {
      throw new RangeError('no such tick');
    };
    assert.throws(() => game.wait(), RangeError);
  });
});
