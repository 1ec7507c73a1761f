import { SHIP } from '../shared/rules.ts';
import { angleTo, distance, type Point, polar } from '../world/geometry.ts';
import type { Rocks } from '../world/rocks.ts';

/** So far a bot looks ahead for rocks. */
const AHEAD = 220;
const MARGIN = SHIP.radius + 14;

/** The direction that leads from `from` to `to`, past the first rock in the way on its nearer side. */
export function course(from: Point, to: Point, rocks: Rocks): number {
  const direct = angleTo(from, to);
  const ahead = polar(from, direct, Math.min(AHEAD, distance(from, to)));
  const rock = rocks.inTheWay(from, ahead, MARGIN);
  if (rock === null) return direct;
  const toRock = angleTo(from, rock);
  const reach = rock.radius + MARGIN;
  // Of the two tangents; from inside the margin, straight along it.
  const half = Math.asin(Math.min(1, reach / distance(from, rock)));
  const side = Math.sin(direct - toRock) >= 0 ? 1 : -1;
  return toRock + side * half;
}
