/** The rocks: they stop ships, shots and looks. */
import { type Circle, clamp, crosses, distance, type Point, touches } from './geometry.ts';
import { Grid } from './grid.ts';

/** One rock on a square of this side. */
const SPACING = 430;
const SMALLEST = 45;
const LARGEST = 120;
/** Two ships fit between two rocks, and between a rock and the edge. */
const GAP = 110;

export class Rocks {
  readonly all: readonly Circle[];
  readonly #size: number;
  readonly #at: Grid<Circle>;
  readonly #largest: number;

  /** @param size length of a side of the arena. */
  constructor(all: readonly Circle[], size: number) {
    this.all = all;
    this.#size = size;
    this.#at = new Grid(size);
    this.#at.fill(all);
    this.#largest = Math.max(0, ...all.map(({ radius }) => radius));
  }

  /** Scatters them; where one does not fit, there is none. */
  static scatter(size: number, random: () => number): Rocks {
    const rocks: Circle[] = [];
    const count = (size / SPACING) ** 2;
    for (let i = 0; i < count; i++) {
      const radius = SMALLEST + random() ** 2 * (LARGEST - SMALLEST);
      const margin = radius + GAP;
      const place = { x: margin + random() * (size - 2 * margin), y: margin + random() * (size - 2 * margin) };
      if (!rocks.some((rock) => touches(rock, place, margin))) rocks.push({ ...place, radius });
    }
    return new Rocks(rocks, size);
  }

  /** Whether `place` is in the arena, and farther than `margin` from every rock and from the edge. */
  isFree({ x, y }: Point, margin: number): boolean {
    const inside = Math.min(x, y) > margin && Math.max(x, y) < this.#size - margin;
    return inside && !this.#near({ x, y }, margin).some((rock) => touches(rock, { x, y }, margin));
  }

  /** Whether one sees from `from` to `to`. */
  isClear(from: Point, to: Point): boolean {
    return this.inTheWay(from, to) === null;
  }

  /** The first rock that is nearer than `margin` to the straight way; null if there is none. */
  inTheWay(from: Point, to: Point, margin = 0): Circle | null {
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const near = this.#near(middle, margin + Math.abs(to.x - from.x) / 2, margin + Math.abs(to.y - from.y) / 2);
    const hit = near.filter((rock) => crosses(rock, from, to, margin));
    hit.sort((a, b) => distance(a, from) - distance(b, from));
    return hit[0] ?? null;
  }

  /** Where something of this radius is that wanted to be at `place`: beside the rock, inside the edge. */
  keepOut(place: Point, radius: number): Point {
    let { x, y } = place;
    for (const rock of this.#near(place, radius)) {
      const reach = rock.radius + radius;
      const apart = distance(rock, { x, y });
      if (apart >= reach || apart === 0) continue;
      x = rock.x + ((x - rock.x) / apart) * reach;
      y = rock.y + ((y - rock.y) / apart) * reach;
    }
    const most = this.#size - radius;
    return { x: clamp(x, radius, most), y: clamp(y, radius, most) };
  }

  /** Those that may reach into the rectangle around `center`, and some more. */
  #near(center: Point, halfWidth: number, halfHeight = halfWidth): Circle[] {
    return this.#at.within(center, halfWidth + this.#largest, halfHeight + this.#largest);
  }
}
