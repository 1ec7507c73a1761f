import { sleep, ticker } from 'greenlets';
import { Event } from 'greenlets/event';
import type { Board } from '../shared/messages.ts';
import { TICK, TICK_RATE } from '../shared/rules.ts';
import type { Ship } from '../world/ship.ts';
import { World, type WorldOptions } from '../world/world.ts';
import { TickTimes } from './tick-times.ts';

/** How many are on the scoreboard. */
const TOP = 8;

/** The world in motion: its ticks, and what is told of them. */
export class Arena {
  readonly world: World;
  readonly times: TickTimes = new TickTimes();
  /** As of the last full second. */
  board: Board;
  #ranks = new Map<Ship, number>();
  readonly #ticked = new Event();

  constructor(options: WorldOptions) {
    this.world = new World(options);
    this.board = this.#count();
  }

  /** Lets time pass, until this greenlet is killed: `TICK_RATE` ticks a second, on a grid that does not drift. */
  run(): void {
    for (const _ of ticker(TICK)) this.times.measure(() => this.#tick());
  }

  /** Waits for the end of a tick. Who comes late, because it still sends the last one, misses those in between. */
  waitTick(): void {
    this.#ticked.wait();
  }

  /** The place of `ship` on the scoreboard; 0 if it is too new for that. */
  rankOf(ship: Ship): number {
    return this.#ranks.get(ship) ?? 0;
  }

  #tick(): void {
    this.world.step();
    if (this.world.tick % TICK_RATE === 0) this.board = this.#count();
    this.#ticked.set();
    this.#ticked.clear();
    sleep(0); // all who have waited for this tick have sent it then: that, too, is the work of a tick
  }

  #count(): Board {
    const ships = [...this.world.ships].sort((a, b) => b.score - a.score);
    this.#ranks = new Map(ships.map((ship, i) => [ship, i + 1]));
    const bots = ships.filter((ship) => ship.isBot).length;
    const top = ships.slice(0, TOP).map(({ id, name, hue, score, kills }) => ({ id, name, hue, score, kills }));
    return { players: ships.length - bots, bots, top, ticks: this.times.work.summary() };
  }
}
