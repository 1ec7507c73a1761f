/** What joins rooms of one name in several processes; and how it is done when there is only one. */
import { randomUUID } from 'node:crypto';
import { shield } from 'greenlets';
import type { History } from './history.ts';
import { Names } from './names.ts';
import type { Draft, Message } from './protocol.ts';

/** What a room is given to distribute. */
export type Delivery =
  | { kind: 'message'; message: Message }
  | { kind: 'typing'; name: string }
  /** All people that a process has in the room. */
  | { kind: 'people'; node: string; names: string[] }
  /** Comes every few seconds. */
  | { kind: 'beat' };

/** May wait, but not for the one that delivers. */
export type Receive = (delivery: Delivery) => void;

export interface Bus {
  /** This process. */
  readonly node: string;
  /**
   * Gives a message its place in the room and keeps it in the history; the room gets it, in every process that has it
   * open, once and in order. Nothing happens if its `ref` was used before.
   */
  post(room: string, draft: Draft): void;
  /** Tells the room in the other processes what may get lost. Never waits. */
  tellOthers(room: string, delivery: Delivery): void;
  /** From now on the room gets deliveries; what it has missed is in the history. */
  open(room: string, receive: Receive): void;
  /** Never waits. */
  close(room: string): void;
  /** Takes a nickname for a person; false if another one has it. To be given back as often. */
  claim(name: string, person: string): boolean;
  /** Never waits. */
  release(name: string, person: string): void;
  /** The person who has a nickname; null if nobody. */
  personOf(name: string): string | null;
  stop(): void;
}

/** One process. */
export class LocalBus implements Bus {
  readonly node: string = randomUUID();
  readonly #history: History;
  readonly #rooms = new Map<string, Receive>();
  readonly #names = new Names();

  constructor(history: History) {
    this.#history = history;
  }

  post(room: string, draft: Draft): void {
    const message = this.#history.append(room, draft);
    if (message === null) return;
    // It is said: everyone hears it, even if the speaker is killed meanwhile.
    shield(() => this.#rooms.get(room)?.({ kind: 'message', message }));
  }

  tellOthers(): void {}

  open(room: string, receive: Receive): void {
    this.#rooms.set(room, receive);
  }

  close(room: string): void {
    this.#rooms.delete(room);
  }

  claim(name: string, person: string): boolean {
    return this.#names.claim(name, person);
  }

  release(name: string): void {
    this.#names.release(name);
  }

  personOf(name: string): string | null {
    return this.#names.personOf(name);
  }

  stop(): void {}
}
