/** The chat: pages over HTTP, and a WebSocket for each client, at one address. */
import type { AddressInfo } from 'node:net';
import { HttpServer } from 'greenlets/http';
import { WebSocketServer } from 'greenlets/websocket';
import { EXAMPLES } from '../assets.ts';
import { servePages } from '../pages.ts';
import type { Bus } from './bus.ts';
import { type Chat, Client } from './client.ts';
import type { History } from './history.ts';
import { LARGEST_REQUEST } from './protocol.ts';
import { Rooms } from './rooms.ts';

/** A client that shows no sign of life for so long is dropped; in ms. */
const HEARTBEAT = 20_000;

export interface ChatOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  history: History;
  bus: Bus;
}

export class ChatServer {
  readonly #chat: Chat;
  readonly #pages: HttpServer;
  readonly #sockets: WebSocketServer;

  constructor({ host, port, history, bus }: ChatOptions) {
    this.#chat = { rooms: new Rooms(bus, history), bus, history };
    const handle = servePages({ '/': new URL('chat/page/', EXAMPLES) });
    this.#pages = new HttpServer({ host, port, handle });
    this.#sockets = new WebSocketServer({
      server: this.#pages,
      path: '/socket',
      maxPayload: LARGEST_REQUEST,
      heartbeat: HEARTBEAT,
      handle: (socket) => new Client(socket, this.#chat).run(),
    });
  }

  start(): void {
    this.#pages.start();
    this.#sockets.start();
  }

  /** Where it is, once it has started. */
  get url(): string {
    const { address, port } = this.#pages.address as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
  }

  /** Waits until it is stopped. */
  serveForever(): void {
    this.#sockets.serveForever();
  }

  /** Clients get what they have been told so far; those that take longer than `timeout` ms are cut off. */
  stop(timeout: number): void {
    this.#sockets.stop(timeout);
    this.#pages.stop(timeout);
    this.#chat.rooms.waitUntilClosed();
    this.#chat.bus.stop();
  }
}
