import assert from 'node:assert/strict';
import { testOnMain as test } from '../../../test/support/leaks.ts';
import { DASH, KILL, REPAIR, SHIELD, SHIP, SHOT, TICK, TICK_RATE } from '../shared/rules.ts';
import { distance, type Point } from '../world/geometry.ts';
import { Rocks } from '../world/rocks.ts';
import { IDLE, Ship } from '../world/ship.ts';
import { World } from '../world/world.ts';
import { emptyWorld, pass } from './worlds.ts';

const MIDDLE = { x: 1000, y: 1000 };
const RIGHT = { ...IDLE, moveX: 1 };

function enter(world: World, name: string, place: Point): Ship {
  const ship = new Ship(name, false);
  world.launch(ship, place);
  return ship;
}

/** A ship that shoots to the right at one 200 units away, whose shield is gone. */
function duel(): { world: World; shooter: Ship; target: Ship } {
  const world = emptyWorld();
  const target = enter(world, 'target', { x: 1200, y: 1000 });
  pass(world, SHIELD);
  const shooter = enter(world, 'shooter', MIDDLE);
  shooter.controls = { ...IDLE, fire: true };
  return { world, shooter, target };
}

test('a ship flies where its controls say, comes to its speed and to rest again', () => {
  const world = emptyWorld();
  const ship = enter(world, 'Ada', MIDDLE);
  ship.controls = RIGHT;
  pass(world, 1000);
  assert.ok(ship.x > MIDDLE.x + 0.7 * SHIP.speed && ship.x < MIDDLE.x + SHIP.speed);
  assert.equal(ship.y, MIDDLE.y);
  ship.controls = IDLE;
  pass(world, 2000);
  assert.ok(Math.abs(ship.speedX) < 0.1);
});

test('a dash is fast, and possible again only after a pause', () => {
  const world = emptyWorld();
  const ship = enter(world, 'Ada', MIDDLE);
  ship.controls = { ...RIGHT, dash: true };
  let dashes = 0;
  for (let time = 0; time < 1.5 * DASH.pause; time += TICK) {
    world.step();
    if (ship.speedX === DASH.speed) dashes++;
  }
  assert.equal(dashes, 2);
});

test('nobody leaves the arena or flies into a rock', () => {
  const rock = { x: 1200, y: 1000, radius: 100 };
  const world = emptyWorld(rock);
  const ship = enter(world, 'Ada', MIDDLE);
  ship.controls = RIGHT;
  for (let i = 0; i < 10 * TICK_RATE; i++) {
    world.step();
    assert.ok(distance(ship, rock) > rock.radius + SHIP.radius - 1e-6);
  }
  const other = enter(world, 'Bob', { x: 1900, y: 100 });
  other.controls = { ...IDLE, moveX: 1, moveY: -1 };
  pass(world, 2000);
  assert.deepEqual([other.x, other.y], [2000 - SHIP.radius, SHIP.radius]);
});

test('ships do not overlap', () => {
  const world = emptyWorld();
  const ships = [enter(world, 'Ada', MIDDLE), enter(world, 'Bob', { x: 1010, y: 1000 })] as const;
  pass(world, 1000);
  assert.ok(distance(...ships) > 2 * SHIP.radius - 1);
});

test('shots take health; whoever has none left is shot down, and the shooter gets points', () => {
  const { world, shooter, target } = duel();
  let destroyed = 0;
  target.onDestroyed = () => destroyed++;
  pass(world, 350);
  assert.equal(target.health, SHIP.health - SHOT.damage);
  pass(world, 1500);
  assert.equal(target.alive, false);
  assert.equal(destroyed, 1);
  assert.deepEqual([shooter.kills, shooter.score], [1, KILL.points]);
  assert.deepEqual(
    world.kills.map(({ news }) => [news.killer, news.victim]),
    [['shooter', 'target']],
  );
});

test('a ship that was shot down loses a part of its score, which lies around as gems', () => {
  const { world, target } = duel();
  target.score = 103;
  pass(world, 2000);
  const lost = Math.floor(103 * KILL.loss);
  assert.equal(target.score, 103 - lost);
  assert.equal(world.gems.size, KILL.gems);
  assert.equal(
    [...world.gems].reduce((sum, gem) => sum + gem.value, 0),
    lost,
  );
});

test('a new ship is safe until its shield is gone, or until it shoots', () => {
  const world = emptyWorld();
  const shooter = enter(world, 'shooter', MIDDLE);
  shooter.controls = { ...IDLE, fire: true };
  const target = enter(world, 'target', { x: 1200, y: 1000 });
  pass(world, 1000);
  assert.deepEqual([shooter.shielded, target.shielded, target.health], [false, true, SHIP.health]);
  pass(world, SHIELD);
  assert.ok(target.health < SHIP.health);
});

test('health comes back once a ship was not hit for a while', () => {
  const { world, shooter, target } = duel();
  pass(world, 200);
  shooter.controls = IDLE;
  pass(world, REPAIR.after);
  assert.equal(target.health, SHIP.health - SHOT.damage);
  pass(world, 1000 + (SHOT.damage / REPAIR.health) * 1000);
  assert.equal(target.health, SHIP.health);
});

test('rocks stop shots', () => {
  const rock = { x: 1100, y: 1000, radius: 40 };
  const world = emptyWorld(rock);
  const target = enter(world, 'target', { x: 1200, y: 1000 });
  pass(world, SHIELD);
  enter(world, 'shooter', MIDDLE).controls = { ...IDLE, fire: true };
  pass(world, 2000);
  assert.equal(target.health, SHIP.health);
});

test('gems are gathered by flying over them, once, and grow again', () => {
  const world = new World({ size: 2000, rocks: new Rocks([], 2000), gems: 1 });
  const [gem] = world.gems;
  const ship = enter(world, 'Ada', gem as Point);
  world.step();
  assert.equal(ship.score, 1);
  assert.equal(world.gems.size, 1);
  assert.notEqual([...world.gems][0], gem);
});

test('rocks leave room between them', () => {
  const size = 6000;
  const { all } = Rocks.scatter(size, Math.random);
  assert.ok(all.length > 20);
  for (const [i, rock] of all.entries()) {
    assert.ok(Math.min(rock.x, rock.y) - rock.radius > 2 * SHIP.radius);
    for (const other of all.slice(i + 1)) {
      assert.ok(distance(rock, other) - rock.radius - other.radius > 2 * SHIP.radius);
    }
  }
});
