import type { Introduction, KillNews, News, Snapshot } from '../shared/messages.ts';
import { VIEW } from '../shared/rules.ts';
import type { Point } from '../world/geometry.ts';
import type { Ship } from '../world/ship.ts';
import type { World } from '../world/world.ts';
import type { Arena } from './arena.ts';

/** What is shown ends a little outside the screen, so that nothing pops up inside. */
const MARGIN = 150;
const HALF_WIDTH = VIEW.width / 2 + MARGIN;
const HALF_HEIGHT = VIEW.height / 2 + MARGIN;

/** What one player is shown: what is near the ship, and what has happened since the last look. */
export class View {
  readonly #arena: Arena;
  readonly #world: World;
  readonly #ship: Ship;
  /** Ships, by the names that the player knows them by. */
  readonly #known = new Map<Ship, string>();
  #board: unknown = null;
  #tick: number;

  constructor(arena: Arena, ship: Ship) {
    this.#arena = arena;
    this.#world = arena.world;
    this.#ship = ship;
    this.#tick = arena.world.tick;
  }

  snapshot(): Snapshot {
    const { tick, shipsAt, shotsAt, gemsAt } = this.#world;
    return {
      tick,
      score: this.#ship.score,
      rank: this.#arena.rankOf(this.#ship),
      ships: shipsAt.within(this.#ship, HALF_WIDTH, HALF_HEIGHT),
      shots: shotsAt.within(this.#ship, HALF_WIDTH, HALF_HEIGHT),
      gems: gemsAt.within(this.#ship, HALF_WIDTH, HALF_HEIGHT),
    };
  }

  /** What `snapshot` does not say and the player does not know yet; null if that is nothing. */
  news(snapshot: Snapshot): News | null {
    const news: News = { type: 'news' };
    const ships = this.#introduce(snapshot.ships as Ship[]);
    if (ships.length > 0) news.ships = ships;
    const kills = this.#newKills();
    if (kills.length > 0) news.kills = kills;
    const { board } = this.#arena;
    if (board !== this.#board) news.board = board;
    this.#board = board;
    this.#tick = snapshot.tick;
    return Object.keys(news).length > 1 ? news : null;
  }

  #introduce(ships: Ship[]): Introduction[] {
    const strangers = ships.filter((ship) => this.#known.get(ship) !== ship.name);
    for (const ship of strangers) this.#known.set(ship, ship.name);
    return strangers.map(({ id, name, hue, isBot }) => ({ id, name, hue, isBot }));
  }

  /** Those near the ship, and its own. */
  #newKills(): KillNews[] {
    const { id } = this.#ship;
    const fresh = this.#world.kills.filter(({ tick }) => tick > this.#tick).map(({ news }) => news);
    return fresh.filter((news) => [news.killerId, news.victimId].includes(id) || this.#isNear(news));
  }

  #isNear({ x, y }: Point): boolean {
    return Math.abs(x - this.#ship.x) < HALF_WIDTH && Math.abs(y - this.#ship.y) < HALF_HEIGHT;
  }
}
