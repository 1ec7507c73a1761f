/** A chat as the tests need it: in this process, forgetting everything, and clients that say what they get. */
import { randomUUID } from 'node:crypto';

import { connectWebSocket, type WebSocket } from 'greenlets/websocket';
import { type Bus, LocalBus } from '../bus.ts';
import { History } from '../history.ts';
import type { Event, Request } from '../protocol.ts';
import { ChatServer } from '../server.ts';

/** Calls `body` with the URL of a chat. */
export function withChat(
  body: (url: string) => void,
  history: History = new History(':memory:'),
  bus: Bus = new LocalBus(history),
): void {
  const server = new ChatServer({ host: '127.0.0.1', port: 0, history, bus });
  server.start();
  try {
    body(server.url);
  } finally {
    server.stop(0);
  }
}

type Told<T extends Event['type']> = Extract<Event, { type: T }>;

/** A client. */
export class Person implements Disposable {
  readonly name: string;
  readonly socket: WebSocket;

  /** Connects, says hello, and joins a room if it is given one. */
  constructor(url: string, name: string, room: string | null = null, key = `the key of ${name}`.padEnd(16)) {
    this.name = name;
    this.socket = connectWebSocket(new URL('socket', url.replace(/^http/, 'ws')));
    this.send({ type: 'hello', name, key });
    if (room !== null) this.join(room);
  }

  send(request: Request): void {
    this.socket.send(JSON.stringify(request));
  }

  /** Joins a room. @returns its history. */
  join(room: string, after?: number): string[] {
    this.send(after === undefined ? { type: 'join', room } : { type: 'join', room, after });
    return this.historyOf(room);
  }

  /** The next history of a room that comes, as texts. */
  historyOf(room: string): string[] {
    for (;;) {
      const history = this.next('history');
      if (history.room === room) return history.messages.map(({ text }) => text);
    }
  }

  say(to: string, text: string, ref: string = randomUUID()): void {
    this.send({ type: 'say', to, text, ref });
  }

  /** The next event of a type; what comes before it is dropped. */
  next<T extends Event['type']>(type: T): Told<T> {
    for (;;) {
      const event = this.recv();
      if (event === null) throw new Error(`closed before any ${type}`);
      if (event.type === type) return event as Told<T>;
    }
  }

  /** The next message, as text. */
  hear(): string {
    return this.next('message').message.text;
  }

  /** The next event; null at the end. */
  recv(): Event | null {
    const data = this.socket.recv(20_000);
    return data === null ? null : (JSON.parse(String(data)) as Event);
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}
