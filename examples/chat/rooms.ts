/** The rooms that are open in this process: those in which somebody is. */
import { Group } from 'greenlets';
import type { Bus, Delivery } from './bus.ts';
import type { History } from './history.ts';
import { INBOX, type RoomInfo } from './protocol.ts';
import { Room } from './room.ts';

/** Always there, whether anybody is in them or not. */
const USUAL = ['lobby', 'help', 'random'];

export class Rooms {
  readonly #bus: Bus;
  readonly #history: History;
  readonly #open = new Map<string, Room>();
  readonly #greenlets = new Group({ onError: (error) => console.error('chat: a room has failed:', error) });

  constructor(bus: Bus, history: History) {
    this.#bus = bus;
    this.#history = history;
  }

  /** The room of this name. Somebody must join it at once: it closes when nobody is in. */
  open(name: string): Room {
    const open = this.#open.get(name);
    if (open !== undefined) return open;
    const room = new Room(name, this.#bus, this.#history);
    this.#open.set(name, room);
    this.#greenlets.spawn(() => room.run(() => this.#open.delete(name)));
    return room;
  }

  /** Tells a room, in all processes, what may get lost. */
  tell(name: string, delivery: Delivery): void {
    this.#open.get(name)?.receive(delivery);
    this.#bus.tellOthers(name, delivery);
  }

  /** The public rooms, those with most people first. */
  list(): RoomInfo[] {
    const names = new Set([...USUAL, ...this.#open.keys()].filter((name) => !name.startsWith(INBOX)));
    const rooms = [...names].map((name) => ({ name, people: this.#open.get(name)?.size ?? 0 }));
    return rooms.sort((a, b) => b.people - a.people).slice(0, 50);
  }

  /** Waits until all are closed, which they are once everybody has left. */
  waitUntilClosed(): void {
    this.#greenlets.join();
  }
}
