/** Bots on a virtual clock: minutes of the game pass in no time. */
import assert from 'node:assert/strict';
import { nursery, sleep, spawn } from 'greenlets';
import { VirtualClock } from 'greenlets/testing';
import { test } from '../../../test/support/leaks.ts';
import { startBot, startBots } from '../bots/crew.ts';
import { fly } from '../bots/fly.ts';
import { Pilot } from '../bots/pilot.ts';
import { hunter, type Script } from '../bots/scripts.ts';
import { RESPAWN, SHIELD, TICK } from '../shared/rules.ts';
import { distance } from '../world/geometry.ts';
import { Ship } from '../world/ship.ts';
import { World } from '../world/world.ts';
import { chance, emptyWorld } from './worlds.ts';

const MIDDLE = { x: 1000, y: 1000 };
const FAR = { x: 1600, y: 1000 };
const REST: Script = (me) => me.sleep(1000);

/** Runs `body` while the ticks of `world` go on. */
function during(world: World, body: () => void): void {
  using _clock = new VirtualClock();
  using ticks = spawn(() => {
    for (;;) {
      sleep(TICK);
      world.step();
    }
  });
  body();
  ticks.kill();
}

/** A bot whose script runs once, in this greenlet. */
function pilotOf(world: World, place = MIDDLE): Pilot {
  const ship = new Ship('bot', true);
  world.launch(ship, place);
  return new Pilot(world, ship);
}

test('moveTo returns when the ship is there, around a rock that is in the way', () => {
  const rock = { x: 1300, y: 1000, radius: 100 };
  const world = emptyWorld(rock);
  during(world, () => {
    const me = pilotOf(world);
    me.moveTo(FAR);
    assert.ok(distance(me.ship, FAR) < 60);
  });
});

test('moveTo gives up a place that it cannot reach, and ends early when told to', () => {
  const rock = { x: 1300, y: 1000, radius: 100 };
  const world = emptyWorld(rock);
  during(world, () => {
    const me = pilotOf(world);
    me.moveTo(FAR, () => me.ship.x > 1050);
    assert.ok(me.ship.x > 1050 && me.ship.x < 1200);
    me.moveTo(rock);
    assert.ok(distance(me.ship, rock) > rock.radius);
  });
});

test('a bot sees neither through rocks, nor beyond its sight, nor who is shot down', () => {
  const world = emptyWorld({ x: 1300, y: 1000, radius: 60 });
  const me = pilotOf(world);
  const other = new Ship('other', false);
  const sees = (x: number, y: number): boolean => {
    world.launch(other, { x, y });
    return me.sees(other);
  };
  assert.deepEqual([sees(1400, 1000), sees(1400, 1200), sees(1000, 1900)], [false, true, false]);
  assert.equal(sees(1000, 1100), true);
  other.health = 0;
  assert.equal(me.sees(other), false);
});

test('chase shoots down what it sees', () => {
  const world = emptyWorld();
  during(world, () => {
    const prey = new Ship('prey', false);
    world.launch(prey, { x: 1400, y: 1000 });
    const me = pilotOf(world);
    me.chase(prey);
    assert.equal(prey.alive, false);
    assert.equal(me.ship.kills, 1);
  });
});

test('a script ends wherever it waits when its ship is shot down, and begins anew with the next life', () => {
  const world = emptyWorld();
  during(world, () => {
    const lives: number[] = [];
    nursery((group) => {
      const ship = new Ship('bot', true);
      startBot(
        world,
        ship,
        () => {
          lives.push(world.tick);
          sleep(1_000_000);
        },
        group,
      );
      sleep(10 * TICK);
      ship.health = 0;
      ship.onDestroyed();
      sleep(RESPAWN / 2);
      assert.deepEqual([ship.alive, lives.length], [false, 1]);
      sleep(RESPAWN);
      assert.deepEqual([ship.alive, lives.length], [true, 2]);
      group.kill();
      assert.equal(world.ships.has(ship), false);
    });
  });
});

test('an error in a script is no secret', () => {
  const world = emptyWorld();
  const broken = spawn(fly, world, new Ship('bot', true), () => {
    throw new RangeError('no such place');
  });
  assert.throws(() => broken.get(), RangeError);
});

test('a hunter finds whoever does not move, and shoots', () => {
  const world = emptyWorld();
  during(world, () => {
    nursery((group) => {
      const hunted = new Ship('hunted', true);
      const hunting = new Ship('hunting', true);
      startBot(world, hunted, REST, group);
      startBot(world, hunting, hunter, group);
      sleep(SHIELD + 60_000);
      assert.ok(hunting.kills > 0);
      assert.equal(hunted.kills, 0);
      group.kill();
    });
  });
});

test('a crowd of bots plays by the rules', () => {
  const size = 1600;
  const world = new World({ size, random: chance() });
  during(world, () => {
    nursery((group) => {
      startBots(world, 16, group);
      for (let second = 0; second < 20; second++) {
        sleep(1000);
        for (const ship of world.ships)
          assert.ok(!ship.alive || world.rocks.isFree(ship, 0), `${ship.name} is in a rock`);
      }
      const ships = [...world.ships];
      assert.equal(ships.length, 16);
      assert.ok(ships.some((ship) => ship.kills > 0));
      assert.ok(ships.some((ship) => ship.score > 0));
      group.kill();
    });
  });
});
