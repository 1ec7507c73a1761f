import { SHIP, SHOT, TICK } from '../shared/rules.ts';
import { type Point, polar } from './geometry.ts';
import { SECONDS, type Ship } from './ship.ts';

export class Shot implements Point {
  static #lastId = 0;

  readonly id: number = ++Shot.#lastId;
  readonly owner: Ship;
  readonly hue: number;
  x: number;
  y: number;
  readonly #speedX: number;
  readonly #speedY: number;
  #left = SHOT.life;

  /** Leaves the gun of `owner`, and takes its speed along. */
  constructor(owner: Ship) {
    this.owner = owner;
    this.hue = owner.hue;
    const muzzle = polar(owner, owner.aim, SHIP.radius + SHOT.radius);
    this.x = muzzle.x;
    this.y = muzzle.y;
    this.#speedX = Math.cos(owner.aim) * SHOT.speed + owner.speedX * 0.3;
    this.#speedY = Math.sin(owner.aim) * SHOT.speed + owner.speedY * 0.3;
  }

  get spent(): boolean {
    return this.#left <= 0;
  }

  /** Flies for one tick. */
  fly(): void {
    this.x += this.#speedX * SECONDS;
    this.y += this.#speedY * SECONDS;
    this.#left -= TICK;
  }
}
