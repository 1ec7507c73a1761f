/** A room: one greenlet, which distributes what is said to all who are in it. */
import { Queue } from 'greenlets';
import type { Bus, Delivery } from './bus.ts';
import type { History } from './history.ts';
import { People } from './people.ts';
import { type Event, INBOX } from './protocol.ts';

/** One client, as its rooms see it. */
export interface Visitor {
  readonly name: string;
  /** Takes an event for everyone, or skips it. Never waits. */
  offer(text: string): void;
  disconnect(): void;
}

/** So much may wait to be distributed; then those who speak have to wait. */
const INBOX_SIZE = 1000;

type Job = Delivery | { kind: 'join'; visitor: Visitor; after: number | undefined } | { kind: 'leave' };

/** What is distributed and who comes goes through one queue, so that everyone gets what comes after the history. */
export class Room {
  /** Names of persons' inboxes begin with `@`. */
  readonly name: string;
  readonly #bus: Bus;
  readonly #history: History;
  readonly #jobs = new Queue<Job>(INBOX_SIZE);
  readonly #people = new People();
  /** Those who are in, or are on their way: the room stays open for them. */
  readonly #visitors = new Set<Visitor>();
  /** Those who have got the history, with its last message's place then: they get what comes after. */
  readonly #listeners = new Map<Visitor, number>();
  #closed = false;

  constructor(name: string, bus: Bus, history: History) {
    this.name = name;
    this.#bus = bus;
    this.#history = history;
  }

  get size(): number {
    return this.#visitors.size;
  }

  /** Waits for room in the queue; the room then sends its history, since the message `after` or the latest. */
  join(visitor: Visitor, after: number | undefined): void {
    this.#visitors.add(visitor);
    this.#jobs.put({ kind: 'join', visitor, after });
  }

  /** Never waits: a client may leave because it is killed. */
  leave(visitor: Visitor): void {
    this.#visitors.delete(visitor);
    this.#listeners.delete(visitor);
    if (!this.#jobs.full) this.#jobs.putNowait({ kind: 'leave' }); // else there is enough to wake it
  }

  /** Waits for room in the queue. */
  readonly receive = (delivery: Delivery): void => {
    if (!this.#closed) this.#jobs.put(delivery);
  };

  /** The greenlet of the room. It ends when nobody is left, and nothing to distribute; `close` is called at once then. */
  run(close: () => void): void {
    try {
      this.#bus.open(this.name, this.receive);
      do this.#handle(this.#jobs.get());
      while (this.#visitors.size > 0 || !this.#jobs.empty);
    } finally {
      this.#closed = true;
      close();
      for (const visitor of this.#visitors) visitor.disconnect(); // after an error: they will come back
      this.#bus.close(this.name);
    }
  }

  /** Never waits. */
  #handle(job: Job): void {
    switch (job.kind) {
      case 'message':
        return this.#distribute({ type: 'message', room: this.#label, message: job.message }, job.message.id);
      case 'typing':
        return this.#distribute({ type: 'typing', room: this.#label, name: job.name });
      case 'join':
        return this.#welcome(job.visitor, job.after);
      case 'leave':
        return this.#announce();
      case 'people':
        this.#people.announce(job.node, job.names);
        return this.#showPeople();
      case 'beat':
        this.#people.forgetSilent();
        return this.#announce();
    }
  }

  #welcome(visitor: Visitor, after: number | undefined): void {
    if (!this.#visitors.has(visitor)) return; // has left meanwhile
    this.#announce();
    const page = after === undefined ? this.#history.before(this.name) : this.#history.after(this.name, after);
    send(visitor, { type: 'joined', room: this.#label, people: this.#people.names });
    send(visitor, { type: 'history', room: this.#label, ...page });
    this.#listeners.set(visitor, this.#history.last(this.name));
  }

  /** Tells the other processes, and those who are in, who is in. */
  #announce(): void {
    if (this.#isInbox) return;
    const names = [...new Set([...this.#visitors].map(({ name }) => name))];
    this.#people.announce(this.#bus.node, names);
    this.#bus.tellOthers(this.name, { kind: 'people', node: this.#bus.node, names });
    this.#showPeople();
  }

  #showPeople(): void {
    const changes = this.#people.update();
    if (changes !== null) this.#distribute({ type: 'people', room: this.#label, ...changes });
  }

  #distribute(event: Event, place: number = Number.POSITIVE_INFINITY): void {
    const text = JSON.stringify(event);
    for (const [listener, last] of this.#listeners) if (place > last) listener.offer(text);
  }

  get #isInbox(): boolean {
    return this.name.startsWith(INBOX);
  }
  get #label(): string {
    return this.#isInbox ? INBOX : this.name;
  }
}

function send(visitor: Visitor, event: Event): void {
  visitor.offer(JSON.stringify(event));
}
