import { randomUUID } from 'node:crypto';
import { type Greenlet, getCurrent } from 'greenlets';
import { Lock } from 'greenlets/lock';
import { Ship } from '../world/ship.ts';

/** A seat is kept for so long after its player has left, in ms. */
const KEPT = 5 * 60_000;

/** Raised in the greenlet of a player whose token has come over another connection. */
export class Replaced extends Error {}

/** A player's place in the game: the ship with its score, and who is flying it. */
export class Seat {
  readonly token: string = randomUUID();
  readonly ship: Ship;
  readonly #lock = new Lock();
  #player: Greenlet | null = null;
  #leftAt = Date.now();

  constructor(name: string) {
    this.ship = new Ship(name, false);
  }

  /** Runs `play` when nobody else plays here any more: whoever does so gets `Replaced` raised. */
  take(play: () => void): void {
    this.#player?.throw(new Replaced());
    this.#lock.use(() => {
      this.#player = getCurrent() as Greenlet;
      try {
        play();
      } finally {
        this.#player = null;
        this.#leftAt = Date.now();
      }
    });
  }

  /** Whether its player has been away for too long. */
  get lapsed(): boolean {
    return this.#player === null && Date.now() - this.#leftAt > KEPT;
  }
}

/** The seats by their tokens. */
export class Seats {
  readonly #seats = new Map<string, Seat>();

  /** The seat of that token, or else a new one for a player of that name. */
  find(name: string, token: string | undefined): Seat {
    for (const seat of this.#seats.values()) if (seat.lapsed) this.#seats.delete(seat.token);
    const known = token === undefined ? undefined : this.#seats.get(token);
    if (known !== undefined) {
      known.ship.name = name;
      return known;
    }
    const seat = new Seat(name);
    this.#seats.set(seat.token, seat);
    return seat;
  }
}
