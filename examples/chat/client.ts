/** One connection: a greenlet that reads what the client asks for, and one that writes what it is told. */
import { createHash } from 'node:crypto';
import { isCancel, nursery } from 'greenlets';
import { RateLimiter } from 'greenlets/lock';
import { ClosedError, type WebSocket } from 'greenlets/websocket';
import type { Bus } from './bus.ts';
import type { History } from './history.ts';
import { Outbox } from './outbox.ts';
import { INBOX, parseRequest, Refusal, type Request } from './protocol.ts';
import type { Room, Visitor } from './room.ts';
import type { Rooms } from './rooms.ts';

/** A client may ask for so much in so many ms; what is beyond has to wait. */
const RATE = { requests: 50, perMs: 5000 };
/** A client may be in so many rooms. */
const MOST_ROOMS = 20;

/** What all clients share. */
export interface Chat {
  rooms: Rooms;
  bus: Bus;
  history: History;
}

/** Who is at the other end. */
interface Identity {
  name: string;
  /** Made from the key that only this person has. */
  person: string;
}

type Asked<T extends Request['type']> = Extract<Request, { type: T }>;

export class Client implements Visitor {
  readonly #socket: WebSocket;
  readonly #chat: Chat;
  readonly #outbox = new Outbox();
  /** By the names that the client uses. */
  readonly #rooms = new Map<string, Room>();
  readonly #limiter = new RateLimiter(RATE.requests, RATE.perMs);
  #identity: Identity | null = null;

  constructor(socket: WebSocket, chat: Chat) {
    this.#socket = socket;
    this.#chat = chat;
  }

  get name(): string {
    return this.#me.name;
  }

  offer(text: string): void {
    this.#outbox.offer(text);
  }

  disconnect(): void {
    this.#socket[Symbol.dispose]();
  }

  /** Serves the client until it leaves. */
  run(): void {
    nursery((group) => {
      group.spawn(() => this.#write());
      try {
        this.#read();
      } finally {
        this.#leaveAll();
      }
    });
  }

  #read(): void {
    for (const data of this.#socket) {
      this.#waitForTurn();
      if (!this.#socket.isOpen) return; // it has left; what it had sent too fast is not said any more
      this.#answer(data);
    }
  }

  #write(): void {
    try {
      for (const text of this.#outbox) this.#socket.send(text);
    } catch (error) {
      if (!(error instanceof ClosedError)) throw error; // the reader is told, too
    }
  }

  /** One who is too fast is read more slowly, and in the end the network holds back what comes. */
  #waitForTurn(): void {
    if (this.#limiter.tryAcquire()) return;
    this.#outbox.put({ type: 'error', text: 'not so fast, please', ref: null });
    this.#limiter.acquire();
  }

  /** A request that fails is answered with an error, and the next one is read. */
  #answer(data: string | Buffer): void {
    let ref: string | null = null;
    try {
      const request = parseRequest(data);
      if (request.type === 'say') ref = request.ref;
      this.#do(request);
    } catch (error) {
      if (isCancel(error)) throw error;
      if (!(error instanceof Refusal)) console.error('chat: a request has failed:', error);
      this.#outbox.put({ type: 'error', text: error instanceof Refusal ? error.message : 'that went wrong', ref });
    }
  }

  #do(request: Request): void {
    switch (request.type) {
      case 'hello':
        return this.#hello(request);
      case 'join':
        return this.#join(request);
      case 'leave':
        return this.#leave(request);
      case 'history':
        return this.#sendHistory(request);
      case 'say':
        return this.#say(request);
      case 'typing':
        return this.#typing(request);
    }
  }

  #hello({ name, key, after }: Asked<'hello'>): void {
    if (this.#identity !== null) throw new Refusal(`you are ${this.name} already`);
    const person = createHash('sha256').update(key).digest('hex').slice(0, 32);
    if (!this.#chat.bus.claim(name, person)) throw new Refusal(`somebody else is called ${name}`);
    this.#identity = { name, person };
    this.#outbox.put({ type: 'welcome', name, rooms: this.#chat.rooms.list() });
    this.#enter(INBOX, after);
  }

  #join({ room, after }: Asked<'join'>): void {
    if (this.#rooms.has(room)) throw new Refusal(`you are in ${room} already`);
    if (this.#rooms.size > MOST_ROOMS) throw new Refusal(`you are in ${MOST_ROOMS} rooms: leave one first`);
    this.#enter(room, after);
  }

  #enter(name: string, after: number | undefined): void {
    const room = this.#chat.rooms.open(this.#fullName(name));
    this.#rooms.set(name, room);
    room.join(this, after);
  }

  #leave({ room }: Asked<'leave'>): void {
    this.#roomOf(room).leave(this);
    this.#rooms.delete(room);
  }

  #sendHistory({ room, before, after }: Asked<'history'>): void {
    const { name } = this.#roomOf(room);
    const { history } = this.#chat;
    const page = after === undefined ? history.before(name, before) : history.after(name, after);
    this.#outbox.put({ type: 'history', room, ...page });
  }

  /** In private, one copy for each of the two. */
  #say({ to, text, ref }: Asked<'say'>): void {
    const { bus } = this.#chat;
    const draft = { from: this.name, text, at: Date.now(), ref };
    if (!to.startsWith(INBOX)) return bus.post(this.#roomOf(to).name, { ...draft, to: null });
    const letter = { ...draft, to: to.slice(INBOX.length) };
    const inboxes = new Set([this.#inboxOf(letter.to), this.#fullName(INBOX)]);
    for (const inbox of inboxes) bus.post(inbox, letter);
  }

  #typing({ to }: Asked<'typing'>): void {
    const room = to.startsWith(INBOX) ? this.#inboxOf(to.slice(INBOX.length)) : this.#roomOf(to).name;
    this.#chat.rooms.tell(room, { kind: 'typing', name: this.name });
  }

  /** Never waits. */
  #leaveAll(): void {
    for (const room of this.#rooms.values()) room.leave(this);
    if (this.#identity !== null) this.#chat.bus.release(this.#identity.name, this.#identity.person);
    this.#outbox.close();
  }

  get #me(): Identity {
    if (this.#identity === null) throw new Refusal('say hello first');
    return this.#identity;
  }

  #roomOf(name: string): Room {
    const room = this.#rooms.get(name);
    if (room === undefined) throw new Refusal(`you are not in ${name}`);
    return room;
  }

  #inboxOf(name: string): string {
    const person = this.#chat.bus.personOf(name);
    if (person === null) throw new Refusal(`${name} is not here`);
    return INBOX + person;
  }

  /** What the room is called here: everybody's inbox has a name of its own. */
  #fullName(name: string): string {
    const { person } = this.#me;
    return name === INBOX ? INBOX + person : name;
  }
}
