import { sleep, withTimeout } from 'greenlets';
import { SHIP, SHOT } from '../shared/rules.ts';
import { angleTo, distance, type Point, polar } from '../world/geometry.ts';
import type { Ship } from '../world/ship.ts';
import type { Gem, World } from '../world/world.ts';
import { course } from './course.ts';

/** How far a bot sees. */
const SIGHT = 620;
/** A bot looks and steers so often, in ms, more or less. */
const REACTION = 120;
/** It gives up what it flies to after so many ms. */
const PATIENCE = 8000;
/** Where it wants to be is this near. */
const ARRIVED = 30;
/** What it keeps between itself and what it hunts. */
const HUNTING_DISTANCE = 220;
/** Radians that it shoots past its aim at most. */
const ERROR = 0.14;

/** What a bot can do. Whatever takes time in the game takes that time in here, too: these calls block. */
export class Pilot {
  readonly ship: Ship;
  readonly #world: World;

  constructor(world: World, ship: Ship) {
    this.#world = world;
    this.ship = ship;
  }

  /** Does nothing for a while; the ship comes to rest. */
  sleep(ms: number): void {
    this.#stop();
    sleep(ms);
  }

  /** Flies to `place`, around rocks. Returns when it is there, when `done` says so, or when it takes too long. */
  moveTo(place: Point, done: () => boolean = () => false): void {
    const arrive = (): void => {
      while (distance(this.ship, place) > ARRIVED && !done()) {
        this.#head(place);
        this.#react();
      }
    };
    withTimeout(PATIENCE, arrive, { value: undefined });
    this.#stop();
  }

  /** Flies after `prey` and shoots at it, for as long as it sees it. */
  chase(prey: Ship): void {
    while (this.sees(prey)) {
      this.#head(prey, distance(this.ship, prey) - HUNTING_DISTANCE);
      this.#shootAt(prey);
      this.#react();
    }
    this.#stop();
  }

  /** Dashes away from `hunter`, for `ms` milliseconds. */
  flee(hunter: Ship, ms: number): void {
    const away = polar(this.ship, angleTo(hunter, this.ship), 400);
    this.#head(this.#world.rocks.keepOut(away, SHIP.radius));
    this.ship.controls = { ...this.ship.controls, dash: true };
    sleep(ms);
    this.#stop();
  }

  sees(other: Ship): boolean {
    return other.alive && distance(this.ship, other) < SIGHT && this.#world.rocks.isClear(this.ship, other);
  }

  /** The nearest ship that it sees, no farther than `range`. */
  nearestShip(range = SIGHT): Ship | null {
    const near = this.#world.shipsAt.within(this.ship, range, range);
    return this.#nearest(near.filter((ship) => ship !== this.ship && this.sees(ship)));
  }

  nearestGem(): Gem | null {
    return this.#nearest(this.#world.gemsAt.within(this.ship, SIGHT, SIGHT));
  }

  /** Some place in the arena. */
  somewhere(): Point {
    return this.#world.somewhere();
  }

  /** A place behind the nearest rock, as seen from the middle of the arena. */
  hideout(): Point {
    const middle = this.#world.size / 2;
    const rock = this.#nearest(this.#world.rocks.all);
    if (rock === null) return this.somewhere();
    const behind = polar(rock, angleTo({ x: middle, y: middle }, rock), rock.radius + 2 * SHIP.radius);
    return this.#world.rocks.keepOut(behind, SHIP.radius);
  }

  /** True once in so many times, by chance. */
  oneIn(times: number): boolean {
    return this.#world.random() * times < 1;
  }

  #nearest<T extends Point>(places: readonly T[]): T | null {
    const nearer = (a: T, b: T): T => (distance(this.ship, b) < distance(this.ship, a) ? b : a);
    return places.length === 0 ? null : places.reduce(nearer);
  }

  /** Flies towards `place`; slower over the last bit, backwards if it is nearer than wanted. */
  #head(place: Point, left: number = distance(this.ship, place)): void {
    const angle = course(this.ship, place, this.#world.rocks);
    const { x, y } = polar({ x: 0, y: 0 }, angle, Math.max(-1, Math.min(1, left / 100)));
    this.ship.controls = { moveX: x, moveY: y, aim: angle, fire: false, dash: false };
  }

  /** Where it will be when the shot arrives, as well as a bot can aim. */
  #shootAt(prey: Ship): void {
    const flight = distance(this.ship, prey) / SHOT.speed;
    const there = { x: prey.x + prey.speedX * flight, y: prey.y + prey.speedY * flight };
    const error = (this.#world.random() - 0.5) * 2 * ERROR;
    this.ship.controls = { ...this.ship.controls, aim: angleTo(this.ship, there) + error, fire: this.oneIn(2) };
  }

  #react(): void {
    sleep(REACTION * (0.75 + this.#world.random() / 2));
  }

  #stop(): void {
    this.ship.controls = { ...this.ship.controls, moveX: 0, moveY: 0, fire: false, dash: false };
  }
}
