import { type Greenlet, getCurrent, sleep } from 'greenlets';
import { RESPAWN } from '../shared/rules.ts';
import type { Ship } from '../world/ship.ts';
import type { World } from '../world/world.ts';

/** Between two rounds of a script, in ms: one that finds nothing to do must not hold up the game. */
const PAUSE = 50;

/** Raised in the greenlet that flies a ship, wherever it waits, when the ship is shot down. */
class ShotDown extends Error {}

/** Flies a ship by `script`, over and over, one life after the other, until this greenlet is killed. */
export function fly(world: World, ship: Ship, script: () => void): void {
  const pilot = getCurrent() as Greenlet;
  ship.onDestroyed = () => pilot.throw(new ShotDown());
  try {
    for (;;) {
      world.launch(ship);
      untilShotDown(script);
      sleep(RESPAWN);
    }
  } finally {
    world.ships.delete(ship);
  }
}

function untilShotDown(script: () => void): void {
  try {
    for (;;) {
      script();
      sleep(PAUSE);
    }
  } catch (error) {
    if (!(error instanceof ShotDown)) throw error;
  }
}
