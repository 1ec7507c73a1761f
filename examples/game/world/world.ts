import type { KillNews } from '../shared/messages.ts';
import { GEM, KILL, SHIP, SHOT, TICK_RATE } from '../shared/rules.ts';
import { distance, type Point, polar } from './geometry.ts';
import { Grid } from './grid.ts';
import { Rocks } from './rocks.ts';
import type { Ship } from './ship.ts';
import { Shot } from './shot.ts';

export interface Gem extends Point {
  /** Points. */
  readonly value: number;
}

/** A kill, and the tick it happened in. */
export interface Kill {
  readonly tick: number;
  readonly news: KillNews;
}

export interface WorldOptions {
  /** Length of a side. */
  size: number;
  rocks?: Rocks;
  /** How many gems grow by themselves. */
  gems?: number;
  /** Where chance comes from: from 0 to 1, as Math.random. */
  random?: () => number;
}

/** One gem on a square of this side. */
const GEM_SPACING = 190;
/** Kills are remembered for so many ticks. */
const MEMORY = 2 * TICK_RATE;
/** A ship comes back at the loneliest of so many places. */
const CHOICES = 8;
const CLEARANCE = 60;

/** The arena and its rules. Nothing in here waits: time passes by `step`, one tick a call. */
export class World {
  readonly size: number;
  readonly rocks: Rocks;
  readonly random: () => number;
  readonly ships = new Set<Ship>();
  readonly shots = new Set<Shot>();
  readonly gems = new Set<Gem>();
  /** The same, by place, as of the last step. */
  readonly shipsAt: Grid<Ship>;
  readonly shotsAt: Grid<Shot>;
  readonly gemsAt: Grid<Gem>;
  /** The latest ones, oldest first. */
  readonly kills: Kill[] = [];
  tick = 0;
  readonly #growingGems: number;

  constructor({ size, random = Math.random, rocks = Rocks.scatter(size, random), gems }: WorldOptions) {
    this.size = size;
    this.random = random;
    this.rocks = rocks;
    this.shipsAt = new Grid(size);
    this.shotsAt = new Grid(size);
    this.gemsAt = new Grid(size);
    this.#growingGems = gems ?? Math.round((size / GEM_SPACING) ** 2);
    while (this.gems.size < this.#growingGems) this.#growGem();
    this.gemsAt.fill(this.gems);
  }

  /** Begins a life of `ship`, at a lonely place unless told where. */
  launch(ship: Ship, place: Point = this.#lonelyPlace()): void {
    this.ships.add(ship);
    ship.launch(place);
  }

  /** A place that is free of rocks. */
  somewhere(): Point {
    for (;;) {
      const place = { x: this.random() * this.size, y: this.random() * this.size };
      if (this.rocks.isFree(place, CLEARANCE)) return place;
    }
  }

  /** Lets one tick pass. */
  step(): void {
    this.tick++;
    const flying = [...this.ships].filter((ship) => ship.alive);
    for (const ship of flying) this.#fly(ship);
    this.shipsAt.fill(flying);
    for (const ship of flying) this.#keepApart(ship);
    for (const shot of this.shots) this.#flyShot(shot);
    for (const ship of flying) if (ship.alive) this.#gather(ship);
    if (this.gems.size < this.#growingGems) this.#growGem();
    this.#forgetKills();
    this.shipsAt.fill(flying.filter((ship) => ship.alive));
    this.shotsAt.fill(this.shots);
    this.gemsAt.fill(this.gems);
  }

  #fly(ship: Ship): void {
    ship.fly();
    Object.assign(ship, this.rocks.keepOut(ship, SHIP.radius));
    if (ship.tryFire()) this.shots.add(new Shot(ship));
  }

  /** Ships that overlap push each other away, half the way each. */
  #keepApart(ship: Ship): void {
    const reach = 2 * SHIP.radius;
    for (const other of this.shipsAt.within(ship, reach, reach)) {
      const apart = distance(ship, other);
      if (other === ship || apart >= reach || apart === 0) continue;
      const share = (reach - apart) / 2 / apart;
      const pushed = { x: ship.x + (ship.x - other.x) * share, y: ship.y + (ship.y - other.y) * share };
      Object.assign(ship, this.rocks.keepOut(pushed, SHIP.radius));
    }
  }

  #flyShot(shot: Shot): void {
    shot.fly();
    const target = this.#targetOf(shot);
    if (target !== null) this.#hit(target, shot.owner);
    if (target !== null || shot.spent || !this.rocks.isFree(shot, SHOT.radius)) this.shots.delete(shot);
  }

  #targetOf(shot: Shot): Ship | null {
    const reach = SHIP.radius + SHOT.radius;
    const near = this.shipsAt.within(shot, reach, reach);
    return near.find((ship) => ship !== shot.owner && ship.alive && distance(ship, shot) < reach) ?? null;
  }

  #hit(ship: Ship, by: Ship): void {
    ship.takeHit();
    if (ship.alive) return;
    by.kills++;
    by.score += KILL.points;
    this.#dropGems(ship);
    const { x, y, hue } = ship;
    const names = { killer: by.name, killerId: by.id, victim: ship.name, victimId: ship.id };
    this.kills.push({ tick: this.tick, news: { ...names, x, y, hue } });
    ship.onDestroyed();
  }

  /** What a ship loses when it is shot down lies around it. */
  #dropGems(ship: Ship): void {
    const lost = Math.floor(ship.score * KILL.loss);
    ship.score -= lost;
    const count = Math.min(lost, KILL.gems);
    for (let i = 0; i < count; i++) {
      const value = Math.floor(lost / count) + (i < lost % count ? 1 : 0);
      const place = polar(ship, this.random() * 2 * Math.PI, 20 + this.random() * 60);
      this.gems.add({ ...this.rocks.keepOut(place, GEM.radius), value });
    }
  }

  #gather(ship: Ship): void {
    for (const gem of this.gemsAt.within(ship, GEM.reach, GEM.reach)) {
      if (distance(ship, gem) < GEM.reach && this.gems.delete(gem)) ship.score += gem.value;
    }
  }

  #growGem(): void {
    this.gems.add({ ...this.somewhere(), value: 1 });
  }

  #forgetKills(): void {
    while (this.kills[0] !== undefined && this.kills[0].tick <= this.tick - MEMORY) this.kills.shift();
  }

  #lonelyPlace(): Point {
    const flying = [...this.ships].filter((ship) => ship.alive);
    const places = Array.from({ length: CHOICES }, () => {
      const place = this.somewhere();
      return { place, room: Math.min(...flying.map((ship) => distance(ship, place))) };
    });
    return places.reduce((best, other) => (other.room > best.room ? other : best)).place;
  }
}
