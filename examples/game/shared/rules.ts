/** The figures of the game, for the server and the page. Lengths are in units, times in ms, speeds in units a second. */

export const TICK_RATE = 30;
export const TICK: number = 1000 / TICK_RATE;

/** What a screen shows of the arena at most. */
export const VIEW = { width: 1600, height: 900 };

export const SHIP = { radius: 18, speed: 300, health: 100 };
/** How fast a ship takes the speed that its pilot wants: the share of the difference, a second. */
export const AGILITY = 7;
/** Health that comes back in a second, once a ship was not hit for a while. */
export const REPAIR = { health: 12, after: 4000 };
export const DASH = { speed: 950, pause: 2500 };
export const SHOT = { radius: 5, speed: 720, life: 900, damage: 20, pause: 220 };

/** From the end of one life to the next. */
export const RESPAWN = 2500;
/** A ship that has just come is safe for so long, unless it shoots. */
export const SHIELD = 2500;

export const GEM = { radius: 9, reach: 40 };
/** Points for shooting down a ship; it also loses a part of its own, and leaves that as gems. */
export const KILL = { points: 10, loss: 0.4, gems: 10 };
