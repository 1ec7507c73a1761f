/** How bots behave: each script is what a bot does, line by line, over and over, until it is shot down. */
import type { Pilot } from './pilot.ts';

export type Script = (me: Pilot) => void;

/** Flies about, and chases whoever it sees. */
export function hunter(me: Pilot): void {
  me.moveTo(me.somewhere(), () => me.nearestShip() !== null);
  me.sleep(400);
  const prey = me.nearestShip();
  if (prey !== null && me.sees(prey)) me.chase(prey);
}

/** Collects gems, and runs when somebody comes near. */
export function gatherer(me: Pilot): void {
  const gem = me.nearestGem();
  me.moveTo(gem ?? me.somewhere(), () => me.nearestShip(260) !== null);
  const stranger = me.nearestShip(260);
  if (stranger !== null) me.flee(stranger, 900);
}

/** Lies in wait behind a rock for whoever comes by, and looks for another one from time to time. */
export function lurker(me: Pilot): void {
  me.moveTo(me.hideout());
  while (me.nearestShip(450) === null) {
    me.sleep(500);
    if (me.oneIn(20)) me.moveTo(me.somewhere());
  }
  const prey = me.nearestShip(450);
  if (prey !== null) me.chase(prey);
}

/** Collects gems until it is worth a fight, then looks for one; runs when it is badly hit. */
export function opportunist(me: Pilot): void {
  const rival = me.nearestShip();
  if (rival !== null && me.ship.health < 50) me.flee(rival, 1200);
  else if (rival !== null && me.oneIn(2)) me.chase(rival);
  else me.moveTo(me.nearestGem() ?? me.somewhere());
  me.sleep(200);
}

export const SCRIPTS: readonly Script[] = [hunter, gatherer, lurker, opportunist];
