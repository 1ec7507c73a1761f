/**
 * Several processes, joined through Redis.
 *
 * Redis keeps the end of every room as a stream, in which a script gives each message its place and publishes it, all in
 * one step. Pub/sub brings messages at once, but loses them when a connection breaks. So whoever misses a place reads the
 * stream, and every few seconds all do, for what came last. What is there already is dropped. Thus every process gets every
 * message once, in order.
 */
import { randomUUID } from 'node:crypto';
import { Group, Queue, ticker, wait } from 'greenlets';
import { Redis } from 'ioredis';
import type { Bus, Delivery, Receive } from './bus.ts';
import type { History } from './history.ts';
import { fold, Names } from './names.ts';
import type { Draft, Message } from './protocol.ts';
import { CLAIM, POST, RELEASE } from './redis-scripts.ts';

/** How often rooms ask for what they have missed, in ms. */
const BEAT = 3000;
/** How long a nickname is kept for one who is not connected, in ms. */
const NAME_KEPT = 30_000;
/** So much may wait to be delivered; what is beyond is read from the streams. */
const INCOMING = 10_000;

interface Route {
  receive: Receive;
  /** The place of the last message delivered. */
  last: number;
}

type Entry = [place: string, fields: [name: string, draft: string]];

/** What goes through pub/sub. */
type Published = { from: string; delivery: Delivery } | { id: number; draft: string };

export class RedisBus implements Bus {
  readonly node: string = randomUUID();
  readonly #history: History;
  readonly #redis: Redis;
  readonly #subscriber: Redis;
  readonly #incoming = new Queue<[room: string, text: string]>(INCOMING);
  readonly #routes = new Map<string, Route>();
  readonly #names = new Names();
  readonly #workers = new Group();

  /** Waits for the connection. @throws if there is none. */
  constructor(url: string, history: History) {
    this.#history = history;
    this.#redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 3 });
    this.#subscriber = this.#redis.duplicate({ maxRetriesPerRequest: null });
    for (const connection of [this.#redis, this.#subscriber]) {
      connection.on('error', (error) => console.error(`chat: Redis: ${error.message}`));
      wait(connection.connect());
    }
    this.#subscriber.on('message', (channel, text) => {
      if (!this.#incoming.full) this.#incoming.putNowait([channel.slice('chat:'.length), text]);
    });
    this.#workers.spawn(() => this.#deliverAll());
    this.#workers.spawn(() => this.#beat());
  }

  post(room: string, draft: Draft): void {
    const keys = [streamOf(room), `chat:said:${room}:${draft.ref}`, channelOf(room)];
    wait(this.#redis.eval(POST, keys.length, ...keys, JSON.stringify(draft), this.#history.last(room)));
  }

  tellOthers(room: string, delivery: Delivery): void {
    const published: Published = { from: this.node, delivery };
    this.#redis.publish(channelOf(room), JSON.stringify(published)).catch(ignore);
  }

  open(room: string, receive: Receive): void {
    const route = { receive, last: this.#history.last(room) };
    this.#routes.set(room, route);
    wait(this.#subscriber.subscribe(channelOf(room)));
    this.#catchUp([room]);
  }

  close(room: string): void {
    this.#routes.delete(room);
    this.#subscriber.unsubscribe(channelOf(room)).catch(ignore);
  }

  claim(name: string, person: string): boolean {
    if (!this.#names.claim(name, person)) return false;
    let granted = false;
    try {
      granted = wait(this.#redis.eval(CLAIM, 1, nameKey(name), person, NAME_KEPT)) === 1;
    } finally {
      if (!granted) this.#names.release(name);
    }
    return granted;
  }

  release(name: string, person: string): void {
    if (!this.#names.release(name)) return;
    this.#redis.eval(RELEASE, 1, nameKey(name), person).catch(ignore); // else it expires
  }

  personOf(name: string): string | null {
    return this.#names.personOf(name) ?? wait(this.#redis.get(nameKey(name)));
  }

  stop(): void {
    this.#workers.kill();
    for (const connection of [this.#redis, this.#subscriber]) connection.disconnect();
  }

  #deliverAll(): void {
    for (const [room, text] of this.#incoming) {
      const route = this.#routes.get(room);
      if (route !== undefined) this.#deliver(room, route, JSON.parse(text) as Published);
    }
  }

  #deliver(room: string, route: Route, published: Published): void {
    if ('delivery' in published) {
      if (published.from !== this.node) route.receive(published.delivery);
    } else if (published.id === route.last + 1) {
      this.#accept(room, route, { id: published.id, ...(JSON.parse(published.draft) as Draft) });
    } else if (published.id > route.last) {
      this.#catchUp([room]);
    }
  }

  /** Drops what was delivered already. */
  #accept(room: string, route: Route, message: Message): void {
    if (message.id <= route.last) return;
    route.last = message.id;
    this.#history.keep(room, message);
    route.receive({ kind: 'message', message });
  }

  /** Delivers what the streams have and pub/sub has not brought. Without an answer it is left to the next beat. */
  #catchUp(rooms: Iterable<string>): void {
    const asked = [...rooms].map((room) => [room, this.#routes.get(room) as Route] as const);
    for (const [i, entries] of this.#readStreams(asked).entries()) {
      const [room, route] = asked[i] as (typeof asked)[number];
      for (const [place, [, draft]] of entries) {
        this.#accept(room, route, { id: Number.parseInt(place, 10), ...(JSON.parse(draft) as Draft) });
      }
    }
  }

  #readStreams(asked: (readonly [room: string, route: Route])[]): Entry[][] {
    const pipeline = this.#redis.pipeline();
    for (const [room, { last }] of asked) pipeline.xrange(streamOf(room), `(${last}-0`, '+');
    try {
      return (wait(pipeline.exec()) ?? []).map(([error, entries]) => (error === null ? (entries as Entry[]) : []));
    } catch {
      return []; // it was told as an 'error' of the connection
    }
  }

  #beat(): void {
    for (const _ of ticker(BEAT)) {
      this.#keepNames();
      this.#catchUp(this.#routes.keys());
      for (const { receive } of this.#routes.values()) receive({ kind: 'beat' });
    }
  }

  #keepNames(): void {
    const pipeline = this.#redis.pipeline();
    for (const [name, person] of this.#names) pipeline.eval(CLAIM, 1, nameKey(name), person, NAME_KEPT);
    try {
      wait(pipeline.exec());
    } catch {} // the next beat tries again
  }
}

/** Of what nobody waits for: that Redis is away is told as an 'error' of the connection. */
const ignore = (): void => {};

const streamOf = (room: string): string => `chat:stream:${room}`;
const channelOf = (room: string): string => `chat:${room}`;
const nameKey = (name: string): string => `chat:name:${fold(name)}`;
