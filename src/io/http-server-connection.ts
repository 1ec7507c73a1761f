import type { Socket } from 'node:net';
import { hub } from '../hub/hub.ts';
import type { HttpExchange } from './http-server-exchange.ts';

/** So many requests sent ahead of their turn pause the connection. */
const MOST_AHEAD = 16;

const CONNECTION: unique symbol = Symbol('greenlets.httpConnection');

/**
 * One client: its requests are served one after the other, however many it sends ahead (pipelining), and it may leave at
 * any time.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #serve: (exchange: HttpExchange) => boolean;
  readonly #ahead: HttpExchange[] = [];
  #current: HttpExchange | null = null;
  #ended = false;

  /** The connection behind `socket`. */
  static of(socket: Socket, serve: (exchange: HttpExchange) => boolean): HttpConnection {
    const known = socket as Socket & { [CONNECTION]?: HttpConnection };
    return (known[CONNECTION] ??= new HttpConnection(socket, serve));
  }

  private constructor(socket: Socket, serve: (exchange: HttpExchange) => boolean) {
    this.#socket = socket;
    this.#serve = serve;
    // What ends sending may as well be gone: one cannot tell. It gets what is there already, nothing that takes time.
    socket.on('end', this.#onLeft);
    socket.on('close', this.#onLeft);
  }

  /** A request has come. It begins right now if it may, in the event's own turn. */
  receive(exchange: HttpExchange): void {
    if (this.#ended) return;
    if (this.#current === null) {
      hub.beginEvent();
      try {
        this.#begin(exchange);
      } finally {
        hub.pumpNow();
      }
    } else {
      this.#ahead.push(exchange);
      if (this.#ahead.length >= MOST_AHEAD) this.#socket.pause();
    }
  }

  /** The current exchange is over; with `ended` so is the connection. */
  finished(ended: boolean): void {
    this.#current = null;
    if (ended) this.#end();
    const next = this.#ahead.shift();
    if (this.#ahead.length === 0 && this.#socket.isPaused()) this.#socket.resume();
    if (next !== undefined) this.#begin(next);
  }

  #begin(exchange: HttpExchange): void {
    this.#current = exchange;
    if (this.#serve(exchange)) return;
    this.#current = null;
    this.#end();
    exchange.refuse();
  }

  #end(): void {
    this.#ended = true;
    this.#ahead.length = 0;
  }

  readonly #onLeft = (): void => {
    this.#end();
    this.#current?.clientLeft();
  };
}
