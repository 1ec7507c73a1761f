import { Group } from 'greenlets';
import { HttpServer } from 'greenlets/http';
import { WebSocketServer } from 'greenlets/websocket';
import { EXAMPLES } from '../../assets.ts';
import { servePages } from '../../pages.ts';
import { startBots } from '../bots/crew.ts';
import type { WorldOptions } from '../world/world.ts';
import { Arena } from './arena.ts';
import { servePlayer } from './player.ts';
import { Seats } from './seats.ts';

export interface GameOptions extends WorldOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  bots: number;
}

/** A client that is silent for two of these ms is taken for gone. */
const HEARTBEAT = 10_000;
/** Nothing that a client has to say is longer, in bytes. */
const LONGEST_MESSAGE = 1024;

/** What the browser gets. */
const FOLDERS = {
  '/': new URL('game/page/', EXAMPLES),
  '/shared/': new URL('../shared/', import.meta.url), // compiled: the page runs the same code as the server
};

/** The game on the network: the page, the players and the bots. */
export class Game implements Disposable {
  readonly arena: Arena;
  readonly #http: HttpServer;
  readonly #sockets: WebSocketServer;
  readonly #group = new Group();
  readonly #bots: number;

  constructor({ host, port, bots, ...world }: GameOptions) {
    this.arena = new Arena(world);
    this.#bots = bots;
    this.#http = new HttpServer({ host, port, handle: servePages(FOLDERS) });
    const seats = new Seats();
    this.#sockets = new WebSocketServer({
      server: this.#http,
      path: '/play',
      heartbeat: HEARTBEAT,
      maxPayload: LONGEST_MESSAGE,
      handle: (socket) => servePlayer(this.arena, seats, socket),
    });
  }

  /** Begins. @throws Node's error if it cannot listen. */
  start(): void {
    this.#http.start();
    this.#sockets.start();
    this.#group.spawn({ name: 'ticks' }, () => this.arena.run());
    startBots(this.arena.world, this.#bots, this.#group);
  }

  /** Where its page is. */
  get url(): string {
    const { address, port } = this.#http.address as { address: string; port: number };
    return `http://${['0.0.0.0', '::', '127.0.0.1', '::1'].includes(address) ? 'localhost' : address}:${port}/`;
  }

  /** Waits for a failure: the game has no end. */
  wait(): void {
    this.#group.join();
  }

  [Symbol.dispose](): void {
    this.#group.kill();
    this.#sockets.stop(0);
    this.#http.stop(0);
  }
}
