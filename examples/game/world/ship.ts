import type { Controls } from '../shared/messages.ts';
import { AGILITY, DASH, REPAIR, SHIELD, SHIP, SHOT, TICK } from '../shared/rules.ts';
import type { Point } from './geometry.ts';

export const IDLE: Controls = { moveX: 0, moveY: 0, aim: 0, fire: false, dash: false };

/** Seconds in a tick. */
export const SECONDS: number = TICK / 1000;
/** The part of a difference in speed that is left after a tick. */
const INERTIA = Math.exp(-AGILITY * SECONDS);

/** Colours far from each other for ships that come one after the other. */
const HUE_STEP = 97;

/** A ship of the arena, in this life and the next. */
export class Ship implements Point {
  static #lastId = 0;

  readonly id: number = ++Ship.#lastId;
  name: string;
  /** 0 to 255. */
  readonly hue: number = (this.id * HUE_STEP) % 256;
  readonly isBot: boolean;
  /** What its pilot wants. */
  controls: Controls = IDLE;
  x = 0;
  y = 0;
  /** Units a second. */
  speedX = 0;
  speedY = 0;
  aim = 0;
  /** 0: it waits for its next life. */
  health = 0;
  score = 0;
  kills = 0;
  /** Told when it is shot down. */
  onDestroyed: () => void = () => {};
  /** Milliseconds left of each. */
  #gunPause = 0;
  #dashPause = 0;
  #repairPause = 0;
  #shield = 0;

  constructor(name: string, isBot: boolean) {
    this.name = name;
    this.isBot = isBot;
  }

  get alive(): boolean {
    return this.health > 0;
  }
  /** Shots do it no harm. */
  get shielded(): boolean {
    return this.#shield > 0;
  }

  /** Begins a life. */
  launch({ x, y }: Point): void {
    Object.assign(this, { x, y, speedX: 0, speedY: 0, health: SHIP.health, controls: IDLE });
    this.#gunPause = this.#dashPause = this.#repairPause = 0;
    this.#shield = SHIELD;
  }

  /** Flies for one tick as its controls are. Whether the place is free, is for others to see. */
  fly(): void {
    const { moveX, moveY, aim, dash } = this.controls;
    this.#passTime();
    this.aim = aim;
    if (dash && this.#dashPause === 0 && (moveX !== 0 || moveY !== 0)) {
      const length = Math.hypot(moveX, moveY);
      this.speedX = (moveX / length) * DASH.speed;
      this.speedY = (moveY / length) * DASH.speed;
      this.#dashPause = DASH.pause;
    } else {
      this.speedX = moveX * SHIP.speed + (this.speedX - moveX * SHIP.speed) * INERTIA;
      this.speedY = moveY * SHIP.speed + (this.speedY - moveY * SHIP.speed) * INERTIA;
    }
    this.x += this.speedX * SECONDS;
    this.y += this.speedY * SECONDS;
  }

  /** True if it shoots in this tick. */
  tryFire(): boolean {
    if (!this.controls.fire || this.#gunPause > 0) return false;
    this.#gunPause = SHOT.pause;
    this.#shield = 0;
    return true;
  }

  takeHit(): void {
    if (this.shielded) return;
    this.health = Math.max(0, this.health - SHOT.damage);
    this.#repairPause = REPAIR.after;
  }

  #passTime(): void {
    this.#gunPause = Math.max(0, this.#gunPause - TICK);
    this.#dashPause = Math.max(0, this.#dashPause - TICK);
    this.#repairPause = Math.max(0, this.#repairPause - TICK);
    this.#shield = Math.max(0, this.#shield - TICK);
    if (this.#repairPause === 0) this.health = Math.min(SHIP.health, this.health + REPAIR.health * SECONDS);
  }
}
