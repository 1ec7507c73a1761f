/**
 * One request and its response, as undici's callbacks tell of them.
 *
 *   queued ──has a connection──> sent ──headers──> receiving ──end of the body──> complete
 *      └──────────────┴───────────────────┴──── error or abort() ──> failed
 *
 * What comes of the body is kept until it is read. While nobody reads and enough is there, the connection is paused, so
 * that the server has to wait. A read that is cut short takes nothing.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ConcurrentObjectUseError } from '../../errors.ts';
import { offAbort, onAbort } from '../../hub/abort.ts';
import { parkUntil } from '../../hub/park.ts';
import type { QueueNode } from '../../hub/wait-queue.ts';
import { EXPIRED, type WaitSource } from '../../hub/waiter.ts';
import { Feed } from '../feed.ts';
import { ContentDecoder, type DecoderListener } from './content-decoder.ts';
import { type Phase, RequestError, RequestTimeout } from './errors.ts';
import type { HeaderRecord } from './request-headers.ts';
import type { Times } from './times.ts';

/** So many unread bytes pause the connection. */
const FULL = 64 * 1024;
/** Of a body that nobody wants so many bytes are read, to keep the connection; a longer one costs it. */
const MOST_DISCARDED = 128 * 1024;

type Controller = Dispatcher.DispatchController;
type State = 'queued' | 'sent' | 'receiving' | 'complete' | 'failed';

/** undici's own limits, which a dispatcher of the caller's may have. */
const TIMEOUT_CODES: Record<string, Phase> = {
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  UND_ERR_HEADERS_TIMEOUT: 'headers',
  UND_ERR_BODY_TIMEOUT: 'body',
};

/** What an exchange sends. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers: HeaderRecord;
  /** What undici is to send. */
  readonly payload: unknown;
  readonly decompress: boolean;
}

export class Exchange implements Dispatcher.DispatchHandler, WaitSource {
  readonly outgoing: Outgoing;
  /** Of the response, once `waitForHeaders` has returned. */
  status = 0;
  statusText = '';
  headers: IncomingHttpHeaders = {};
  /** Called when it is complete or has failed. */
  onSettled: (() => void) | null = null;

  readonly #times: Times;
  readonly #signals: readonly AbortSignal[];
  #state: State = 'queued';
  #controller: Controller | null = null;
  #decoder: ContentDecoder | null = null;
  #chunks: Buffer[] = [];
  #size = 0;
  /** What becomes of the body: it is read piece by piece, is wanted whole, or is not wanted. */
  #use: 'pieces' | 'whole' | 'none' = 'pieces';
  #error: unknown;
  #node: QueueNode | null = null;

  /** Begins it. Each of `signals` aborts it with its reason. */
  constructor(dispatcher: Dispatcher, outgoing: Outgoing, times: Times, signals: readonly AbortSignal[]) {
    this.outgoing = outgoing;
    this.#times = times;
    this.#signals = signals;
    for (const signal of signals) onAbort(signal, this.#onSignal);
    const { method, url, headers, payload } = outgoing;
    const path = url.pathname + url.search;
    const request = { origin: url.origin, path, method, headers, body: payload };
    dispatcher.dispatch(request as Dispatcher.DispatchOptions, this);
  }

  /** Nothing more will come. */
  get settled(): boolean {
    return this.#state === 'complete' || this.#state === 'failed';
  }

  /** Having no connection yet is a phase of its own only where it, or the one after it, has a time. */
  get #timesTheConnection(): boolean {
    return this.#times.limits('connect') || this.#times.limits('headers');
  }

  /** As messages name it. */
  get #label(): string {
    return `${this.outgoing.method} ${shown(this.outgoing.url)}`;
  }

  /** Waits until the response has begun. */
  waitForHeaders(): void {
    if (this.#timesTheConnection) this.#waitUntil(() => this.#state !== 'queued', 'connect');
    this.#waitUntil(() => this.#state !== 'queued' && this.#state !== 'sent', 'headers');
  }

  /** Waits for the next piece of the body; null at its end. */
  read(): Buffer | null {
    this.#waitUntil(() => this.#chunks.length > 0 || this.#state === 'complete', 'body');
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return null;
    this.#size -= chunk.length;
    if (this.#size < FULL) this.#resume();
    return chunk;
  }

  /** Waits for all of the body that was not read yet. */
  readAll(): Buffer {
    this.#use = 'whole';
    this.#resume();
    this.#waitUntil(() => this.#state === 'complete', 'body');
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    return all;
  }

  /** Nobody will read the body: what still comes of it, if it is not much, is thrown away to keep the connection. */
  discard(): void {
    this.#use = 'none';
    this.#chunks = [];
    this.#size = 0;
    this.#resume();
  }

  /** Ends it; who reads from it, now or later, gets `reason`. Nothing happens if it is settled. */
  abort(reason: unknown): void {
    if (this.settled) return;
    this.#fail(reason);
    this.#controller?.abort(reason instanceof Error ? reason : new Error(String(reason)));
  }

  /**
   * Waits, as one reader at a time, until `reached`. A time that is over ends the exchange; an error from outside does not.
   *
   * @throws what it has failed with.
   */
  #waitUntil(reached: () => boolean, phase: Phase): void {
    if (this.#node !== null) throw new ConcurrentObjectUseError('another greenlet is reading this response');
    for (let left = this.#times.begin(phase); ; ) {
      if (this.#state === 'failed') throw this.#failure();
      if (reached()) return;
      if (parkUntil(this, left()) === EXPIRED) {
        const error = this.#times.expired(phase, this.#label);
        this.abort(error);
        throw error;
      }
      if (phase === 'body') left = this.#times.begin(phase);
    }
  }

  /** The error to throw; one of undici gets the line of the request, and says what has failed. */
  #failure(): unknown {
    if (!(this.#error instanceof NetworkFailure)) return this.#error;
    const { error } = this.#error;
    const phase = TIMEOUT_CODES[(error as NodeJS.ErrnoException).code ?? ''];
    if (phase === undefined) return RequestError.from(this.outgoing.method, shown(this.outgoing.url), error);
    return Object.assign(new RequestTimeout(null, `${this.#label}: ${error.message}`, phase), { cause: error });
  }

  #fail(error: unknown): void {
    this.#error = error;
    this.#chunks = [];
    this.#decoder?.destroy();
    this.#settle('failed');
  }

  #settle(state: 'complete' | 'failed'): void {
    this.#state = state;
    for (const signal of this.#signals) offAbort(signal, this.#onSignal);
    if (this.outgoing.payload instanceof Feed) this.outgoing.payload.stop();
    this.onSettled?.();
    this.#wake();
  }

  #wake(): void {
    const node = this.#node;
    this.#node = null;
    node?.wake(undefined);
  }

  #pause(): void {
    if (this.#decoder === null) this.#controller?.pause();
    else this.#decoder.pause();
  }
  #resume(): void {
    if (this.settled) return;
    if (this.#decoder === null) this.#controller?.resume();
    else this.#decoder.resume();
  }

  readonly #onSignal = (): void => {
    this.abort(this.#signals.find((signal) => signal.aborted)?.reason);
  };

  #onChunk(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#use === 'none') {
      if (this.#size > MOST_DISCARDED) this.abort(new Error('the body was not wanted'));
      return;
    }
    this.#chunks.push(chunk);
    if (this.#use === 'pieces' && this.#size >= FULL) this.#pause();
    if (this.#use === 'pieces' || this.#times.limits('body')) this.#wake();
  }

  /** Part of `WaitSource`. */
  register(node: QueueNode): void {
    this.#node = node;
  }
  /** Part of `WaitSource`. */
  unregister(): void {
    this.#node = null;
  }

  /** Called by undici when there is a connection; again, if that fails before anything was sent. */
  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#state === 'failed') controller.abort(this.#error instanceof Error ? this.#error : new Error('aborted'));
    else this.#state = 'sent';
    if (this.#timesTheConnection) this.#wake();
  }

  /** Called by undici. */
  onResponseStart(_: Controller, status: number, headers: IncomingHttpHeaders, statusText = ''): void {
    if (status < 200 || this.settled) return; // informational: the response proper is still to come
    this.#state = 'receiving';
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && this.outgoing.decompress)
      this.#decoder = ContentDecoder.for(encoding, this.#decoded());
    this.#wake();
  }

  /** Called by undici. */
  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.settled) return;
    if (this.#decoder === null) this.#onChunk(chunk);
    else if (!this.#decoder.write(chunk)) controller.pause();
  }

  /** Called by undici. */
  onResponseEnd(): void {
    if (this.settled) return;
    if (this.#decoder === null) this.#settle('complete');
    else this.#decoder.end();
  }

  /** Called by undici. */
  onResponseError(_: Controller, error: Error): void {
    if (this.settled) return;
    const { payload } = this.outgoing;
    // What the caller's own iterable throws is the caller's.
    this.#fail(payload instanceof Feed && payload.failure === error ? error : new NetworkFailure(error));
  }

  #decoded(): DecoderListener {
    return {
      onData: (chunk) => this.#onChunk(chunk),
      onDrain: () => this.#controller?.resume(),
      onEnd: () => {
        if (!this.settled) this.#settle('complete');
      },
      onError: (error) => {
        if (this.settled) return;
        this.#fail(new NetworkFailure(error));
        this.#controller?.abort(error);
      },
    };
  }
}

/** An error of undici or of the decoder, as against one that the exchange was aborted with. */
class NetworkFailure {
  readonly error: Error;
  constructor(error: Error) {
    this.error = error;
  }
}

/** A URL as messages show it: without credentials, query and fragment. */
function shown(url: URL): string {
  return url.origin + url.pathname;
}
