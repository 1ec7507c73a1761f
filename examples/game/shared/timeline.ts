/** Interpolation: what is shown lies between two snapshots, a little in the past, so that movement is smooth. */
import type { ShipView, ShotView, Snapshot } from './messages.ts';
import { TICK } from './rules.ts';

/** How far in the past, in ms: one snapshot may come late, or be left out, without being noticed. */
const DELAY = 2.2 * TICK;
/** So many snapshots are kept, and looked back on for the best estimate of the server's time. */
const KEPT = 60;
/** Nothing flies as far as that in a tick: a ship that has moved farther has come back elsewhere. */
const FARTHEST = 60;

interface Arrival {
  snapshot: Snapshot;
  /** By the clock of this side. */
  time: number;
}

/** The snapshots that have come, as a continuous view. Times are in ms, of any clock that is steady. */
export class Timeline {
  readonly #arrivals: Arrival[] = [];

  get latest(): Snapshot | null {
    return this.#arrivals.at(-1)?.snapshot ?? null;
  }

  add(snapshot: Snapshot, time: number): void {
    this.#arrivals.push({ snapshot, time });
    if (this.#arrivals.length > KEPT) this.#arrivals.shift();
  }

  /** The view at `time`; null before the first snapshot. Ends with the latest one: nothing is guessed. */
  at(time: number): Snapshot | null {
    const tick = (time - DELAY - this.#beginning()) / TICK;
    const next = this.#arrivals.findIndex(({ snapshot }) => snapshot.tick > tick);
    const after = this.#arrivals[next]?.snapshot;
    if (after === undefined) return this.latest;
    const before = this.#arrivals[next - 1]?.snapshot;
    if (before === undefined) return after;
    return between(before, after, (tick - before.tick) / (after.tick - before.tick));
  }

  /** When tick 0 would have arrived; by the snapshot that has come fastest, the others were held up. */
  #beginning(): number {
    return Math.min(...this.#arrivals.map(({ snapshot, time }) => time - snapshot.tick * TICK));
  }
}

/** What lies `share` of the way between two snapshots. What is in one of them only, stands still. */
export function between(before: Snapshot, after: Snapshot, share: number): Snapshot {
  const ships = new Map(before.ships.map((ship) => [ship.id, ship]));
  const shots = new Map(before.shots.map((shot) => [shot.id, shot]));
  const farthest = FARTHEST * (after.tick - before.tick);
  return {
    ...after,
    ships: after.ships.map((to) => {
      const from = ships.get(to.id) ?? to;
      return { ...move(from, to, share, farthest), aim: from.aim + turn(from.aim, to.aim) * share };
    }),
    shots: after.shots.map((to) => move(shots.get(to.id) ?? to, to, share, farthest)),
  };
}

function move<T extends ShipView | ShotView>(from: T, to: T, share: number, farthest: number): T {
  if (Math.hypot(to.x - from.x, to.y - from.y) > farthest) return to;
  return { ...to, x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** The way from one angle to another, the short way round: from -π to π. */
function turn(from: number, to: number): number {
  const difference = to - from;
  return difference - 2 * Math.PI * Math.round(difference / (2 * Math.PI));
}
