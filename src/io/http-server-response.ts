import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { park } from '../hub/park.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { assertBytes } from './bytes.ts';
import { ClosedError } from './errors.ts';
import type { Reply } from './http-server-reply.ts';

/** For so long, in ms, the rest of a refused body is read, so that the client gets the response and not a reset. */
const LINGER = 1000;

/** Sends one response over Node's. */
export class ResponseSender {
  readonly #response: ServerResponse;
  #complete = false;
  #bytes = 0;
  /** The client knows where the body ends, by its length or by chunks. */
  #framed = true;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** True once all of the response was handed over. */
  get complete(): boolean {
    return this.#complete;
  }
  /** True once it is too late for another response. */
  get begun(): boolean {
    return this.#response.headersSent;
  }
  /** How many bytes of the body were handed over. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Sends it, and waits until the system has taken it.
   *
   * @param closing end the connection afterwards.
   * @throws what iterating the body throws; {TypeError} for a piece that is neither text nor bytes.
   */
  send(reply: Reply, closing: boolean): void {
    const { status, body } = reply;
    const bodyless = this.#response.req.method === 'HEAD' || status === 204 || status === 304;
    const whole = body === null || typeof body === 'string' || body instanceof Uint8Array;
    if (whole) this.#sendWhole(reply, body, bodyless, closing);
    else if (bodyless) this.#sendNone(reply, body, closing);
    else this.#stream(reply, body, closing);
    this.#flush();
  }

  /** Ends the connection in mid-response, in a way that no client takes for the end of the response. */
  cut(): void {
    const response = this.#response;
    const socket = response.socket as (Socket & { encrypted?: boolean }) | null;
    while (response.writableCorked > 0) response.uncork(); // what was sent is to arrive
    // Without chunks or a length the end of the connection would be the end of the body: only a reset tells.
    const mute = !this.#framed && socket?.encrypted !== true && socket?.remoteAddress !== undefined;
    if (mute) socket.resetAndDestroy();
    else socket?.destroySoon();
  }

  #sendWhole(reply: Reply, body: string | Uint8Array | null, bodyless: boolean, closing: boolean): void {
    const response = this.#response;
    const length = body === null ? 0 : Buffer.byteLength(body);
    const head = bodyless ? reply.headers : withoutFraming(reply.headers);
    if (typeof body === 'string' && !has(head, 'content-type')) head.push('content-type', 'text/plain; charset=utf-8');
    if (!bodyless || (body !== null && reply.status === 200 && !has(head, 'content-length'))) {
      head.push('content-length', String(length));
    }
    this.#writeHead(reply.status, head, closing);
    const sent = bodyless || body === null ? '' : body;
    this.#bytes = sent.length === 0 ? 0 : length;
    if (closing && isComing(response.req)) this.#linger(sent);
    else response.end(sent);
    this.#complete = true;
  }

  /** For HEAD and the like: the body is not even begun. */
  #sendNone(reply: Reply, body: Iterable<unknown>, closing: boolean): void {
    body[Symbol.iterator]().return?.();
    this.#writeHead(reply.status, reply.headers, closing);
    this.#response.end();
    this.#complete = true;
  }

  /** The head goes with the first piece: an error before it can still become an error response. */
  #stream(reply: Reply, body: Iterable<string | Uint8Array>, closing: boolean): void {
    const response = this.#response;
    for (const piece of body) {
      assertBytes(piece);
      if (!response.headersSent) {
        this.#writeHead(reply.status, reply.headers, closing);
        this.#framed = response.chunkedEncoding || has(reply.headers, 'content-length');
      }
      if (piece.length === 0) response.flushHeaders();
      else this.#write(piece);
    }
    if (!response.headersSent) this.#writeHead(reply.status, reply.headers, closing);
    response.end();
    this.#complete = true;
  }

  #write(piece: string | Uint8Array): void {
    const response = this.#response;
    if (response.destroyed) throw new ClosedError('the client has left');
    this.#bytes += Buffer.byteLength(piece);
    if (!response.write(piece)) park(new Until(response, 'drain'));
  }

  #writeHead(status: number, head: string[], closing: boolean): void {
    if (closing) head.push('connection', 'close');
    this.#response.writeHead(status, head);
  }

  /** All is sent but the formal end; the client's body is read away until its end, or for a while. */
  #linger(body: string | Uint8Array): void {
    const response = this.#response;
    const { req: request } = response;
    if (body.length > 0) response.write(body);
    else response.flushHeaders();
    const end = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, LINGER);
    request.removeAllListeners('data');
    request.once('end', end).once('close', end).resume();
  }

  /** A client that reads slowly holds up its handler, not the server's memory. */
  #flush(): void {
    const response = this.#response;
    if (response.writableEnded && response.writableLength > 0 && !response.destroyed)
      park(new Until(response, 'finish'));
  }
}

/** Waits for an event of a response, or for its end. */
class Until implements WaitSource {
  readonly #response: ServerResponse;
  readonly #event: 'drain' | 'finish';
  #node: QueueNode | null = null;

  constructor(response: ServerResponse, event: 'drain' | 'finish') {
    this.#response = response;
    this.#event = event;
  }

  register(node: QueueNode): void {
    this.#node = node;
    this.#response.on(this.#event, this.#onEvent);
    this.#response.on('close', this.#onEvent);
  }
  unregister(): void {
    this.#node = null;
    this.#response.off(this.#event, this.#onEvent);
    this.#response.off('close', this.#onEvent);
  }

  readonly #onEvent = (): void => {
    const node = this.#node;
    this.unregister();
    node?.wake(undefined);
  };
}

/** Whether there is more of a request's body to come. */
export function isComing({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0);
}

function has(head: string[], name: string): boolean {
  for (let i = 0; i < head.length; i += 2) if ((head[i] as string).toLowerCase() === name) return true;
  return false;
}

/** A body at hand has one true length, whatever the handler says. */
function withoutFraming(head: string[]): string[] {
  if (!has(head, 'content-length') && !has(head, 'transfer-encoding')) return head;
  const kept: string[] = [];
  for (let i = 0; i < head.length; i += 2) {
    const name = (head[i] as string).toLowerCase();
    if (name !== 'content-length' && name !== 'transfer-encoding') kept.push(head[i] as string, head[i + 1] as string);
  }
  return kept;
}
