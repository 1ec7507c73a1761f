/** Worlds for the tests. */
import { TICK } from '../shared/rules.ts';
import type { Circle } from '../world/geometry.ts';
import { Rocks } from '../world/rocks.ts';
import { World } from '../world/world.ts';

const SIZE = 2000;

/** Without gems, and with these rocks only; chance is the same every time. */
export function emptyWorld(...rocks: Circle[]): World {
  return new World({ size: SIZE, rocks: new Rocks(rocks, SIZE), gems: 0, random: chance() });
}

/** Numbers from 0 to 1: those of the "minimal standard" generator. */
export function chance(): () => number {
  let state = 1;
  return () => (state = (state * 16_807) % 0x7fffffff) / 0x7fffffff;
}

/** Lets so many ms pass. */
export function pass(world: World, ms: number): void {
  for (let i = 0; i < ms / TICK; i++) world.step();
}
