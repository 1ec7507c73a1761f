import type { Point } from './geometry.ts';

const CELL = 200;

/** Finds what is near a place without looking at everything: things by the square of the arena that they are in. */
export class Grid<T extends Point> {
  readonly #columns: number;
  readonly #cells: T[][];

  /** @param size length of a side of the arena. */
  constructor(size: number) {
    this.#columns = Math.ceil(size / CELL);
    this.#cells = Array.from({ length: this.#columns ** 2 }, () => []);
  }

  /** Holds these things, where they are now, in place of those before. */
  fill(things: Iterable<T>): void {
    for (const cell of this.#cells) cell.length = 0;
    for (const thing of things) this.#cell(this.#column(thing.x), this.#column(thing.y)).push(thing);
  }

  /** All that is in the rectangle around `center`. */
  within(center: Point, halfWidth: number, halfHeight: number): T[] {
    const found: T[] = [];
    const right = this.#column(center.x + halfWidth);
    const bottom = this.#column(center.y + halfHeight);
    for (let row = this.#column(center.y - halfHeight); row <= bottom; row++) {
      for (let column = this.#column(center.x - halfWidth); column <= right; column++) {
        for (const thing of this.#cell(column, row)) {
          const inside = Math.abs(thing.x - center.x) <= halfWidth && Math.abs(thing.y - center.y) <= halfHeight;
          if (inside) found.push(thing);
        }
      }
    }
    return found;
  }

  #column(x: number): number {
    return Math.max(0, Math.min(this.#columns - 1, Math.floor(x / CELL)));
  }

  #cell(column: number, row: number): T[] {
    return this.#cells[row * this.#columns + column] as T[];
  }
}
