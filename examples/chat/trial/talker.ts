/** A client without a browser. It keeps account of what it gets. */
import { connectWebSocket, type WebSocket } from 'greenlets/websocket';
import type { Event, Request } from '../protocol.ts';

export class Talker {
  readonly name: string;
  readonly room: string;
  /** The messages of the room that have come, by their refs. */
  readonly heard = new Set<string>();
  /** How many were distributed to it twice. */
  doubled = 0;
  /** How many events the server has skipped, because this client was slow. */
  skipped = 0;
  /** Milliseconds between when a message was posted and when it came. */
  readonly delays: number[] = [];
  readonly #socket: WebSocket;
  readonly #distributed = new Set<number>();
  #last = 0;
  #said = 0;

  /** Waits until it is in the room. */
  constructor(url: string, name: string, room: string) {
    this.name = name;
    this.room = room;
    this.#socket = connectWebSocket(new URL('socket', url.replace(/^http/, 'ws')), { timeout: 60_000 });
    this.#send({ type: 'hello', name, key: `the key of ${name}`.padEnd(16) });
    this.#send({ type: 'join', room });
    for (let event = this.#recv(); event !== null; event = this.#recv()) {
      if (event.type === 'error') throw new Error(event.text);
      if (event.type === 'history' && event.room === room) return;
    }
    throw new Error('the server has hung up');
  }

  say(text: string): void {
    this.#send({ type: 'say', to: this.room, text, ref: `${this.name}-message-${++this.#said}` });
  }

  /** Takes in what comes, until it has heard `count` messages or the connection is closed. */
  listen(count: number): void {
    while (this.heard.size < count) {
      const event = this.#recv();
      if (event === null) return;
      this.#takeIn(event);
    }
  }

  /** Goes, without waiting for the server. */
  leave(): void {
    this.#socket[Symbol.dispose]();
  }

  #takeIn(event: Event): void {
    if (event.type === 'message' && event.room === this.room) {
      this.delays.push(Date.now() - event.message.at);
      if (this.#distributed.has(event.message.id)) this.doubled++;
      this.#distributed.add(event.message.id);
      this.#hear(event.message);
    } else if (event.type === 'skipped') {
      this.skipped += event.count;
      this.#send({ type: 'history', room: this.room, after: this.#last });
    } else if (event.type === 'history') {
      for (const message of event.messages) this.#hear(message);
      const last = event.messages.at(-1);
      if (event.more && last !== undefined) this.#send({ type: 'history', room: this.room, after: last.id });
    }
  }

  #hear({ id, ref }: { id: number; ref: string }): void {
    this.heard.add(ref);
    this.#last = Math.max(this.#last, id);
  }

  #send(request: Request): void {
    this.#socket.send(JSON.stringify(request));
  }

  #recv(): Event | null {
    const data = this.#socket.recv();
    return data === null ? null : (JSON.parse(String(data)) as Event);
  }
}
