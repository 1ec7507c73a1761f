/**
 * One request and its response.
 *
 *   request ──handle──> result ──> head, body ──> complete ──> flushed
 *
 * An error before the head becomes an error response, one after it cuts the connection. A client that leaves before
 * `complete` has its handler killed; later there is nothing of the handler left to kill.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GreenletExit } from '../errors.ts';
import { isPromise } from '../hub/promise-source.ts';
import { waitPromise } from '../hub/wait-promise.ts';
import { Job } from './handlers.ts';
import { HttpError } from './http-error.ts';
import type { HttpConnection } from './http-server-connection.ts';
import type { AccessLog, AccessLogEntry } from './http-server-log.ts';
import { errorReply, type HandlerResult, toReply } from './http-server-reply.ts';
import { HttpRequest } from './http-server-request.ts';
import { isComing, ResponseSender } from './http-server-response.ts';

/** Serves one request. May be async. */
export type HttpHandler = (request: HttpRequest) => HandlerResult | PromiseLike<HandlerResult>;

/** What an exchange needs of its server. */
export interface HttpService {
  readonly handle: HttpHandler;
  readonly bodyLimit: number;
  readonly accessLog: AccessLog | null;
  /** Connections are to be closed after their response. */
  readonly closed: boolean;
  report(error: unknown, request: HttpRequest): void;
}

export class HttpExchange extends Job {
  readonly #service: HttpService;
  readonly #connection: HttpConnection;
  readonly #request: HttpRequest;
  readonly #response: ServerResponse;
  readonly #sender: ResponseSender;
  readonly #logged: LoggedRequest | null;
  #owesContinue: boolean;
  #clientLeft = false;

  /** @param owesContinue the client waits for a `100 Continue` before it sends its body. */
  constructor(service: HttpService, connection: HttpConnection, response: ServerResponse, owesContinue: boolean) {
    super();
    const onFirstRead = owesContinue ? (): void => this.#continue() : null;
    this.#service = service;
    this.#connection = connection;
    this.#request = new HttpRequest(response.req, service.bodyLimit, onFirstRead);
    this.#response = response;
    this.#sender = new ResponseSender(response);
    this.#logged = service.accessLog === null ? null : new LoggedRequest(response.req);
    this.#owesContinue = owesContinue;
  }

  /** The connection is gone, or as good as gone. */
  clientLeft(): void {
    if (this.#sender.complete || this.#clientLeft) return;
    this.#clientLeft = true;
    const exit = new GreenletExit('the client has left');
    this.#request.abort(exit);
    this.kill(exit, { block: false });
  }

  /** Answers without having begun. */
  refuse(): void {
    const { status, headers, body } = errorReply(new HttpError(503));
    this.#response.writeHead(status, [...headers, 'connection', 'close']).end(body);
  }

  override work(): void {
    try {
      this.#serve();
    } catch (error) {
      this.#fail(error);
      if (error instanceof GreenletExit) throw error;
    }
  }

  protected override left(): void {
    const complete = this.#sender.complete;
    if (!complete) this.#endIncomplete();
    if (this.#logged !== null) this.#log(this.#logged);
    this.#connection.finished(!complete);
  }

  #serve(): void {
    let result: unknown = this.#service.handle(this.#request);
    if (isPromise(result)) result = waitPromise(result);
    this.#sender.send(toReply(result), this.#service.closed || this.#owesContinue);
  }

  #fail(error: unknown): void {
    if (this.#sender.complete) return; // a kill or a timeout while the last bytes were on their way
    if (this.#isFault(error)) this.#service.report(error, this.#request);
    if (this.#clientLeft || this.#sender.begun) return; // left() cuts it
    const shown = error instanceof HttpError ? error : new HttpError(error instanceof GreenletExit ? 503 : 500);
    const closing = this.#service.closed || this.#owesContinue || isComing(this.#response.req);
    try {
      this.#sender.send(errorReply(shown), closing);
    } catch {
      // Cut short once more: left() does what is left to do.
    }
  }

  /** Whether an error is the server's own: not a kill, not the client's. */
  #isFault(error: unknown): boolean {
    if (error instanceof GreenletExit) return false;
    if (error instanceof HttpError) return error.status >= 500;
    const { code } = (error ?? {}) as { code?: unknown };
    return !(this.#clientLeft && (code === 'ECONNRESET' || code === 'ERR_GREENLETS_CLOSED'));
  }

  /** The handler was killed before it began, or in a way that let it do nothing more, or in mid-response. */
  #endIncomplete(): void {
    if (this.#clientLeft) this.#response.destroy();
    else if (this.#sender.begun) this.#sender.cut();
    else this.refuse();
  }

  #continue(): void {
    if (!this.#owesContinue) return;
    this.#owesContinue = false;
    this.#response.writeContinue();
  }

  #log(logged: LoggedRequest): void {
    try {
      const status = this.#response.headersSent ? this.#response.statusCode : 499;
      this.#service.accessLog?.(logged.entry(status, this.#sender.bytes));
    } catch (error) {
      this.#service.report(error, this.#request);
    }
  }
}

/** What is not to be had any more when a request was served. */
class LoggedRequest {
  readonly #request: IncomingMessage;
  readonly #time = new Date();
  readonly #began = performance.now();
  readonly #remoteAddress: string;

  constructor(request: IncomingMessage) {
    this.#request = request;
    this.#remoteAddress = request.socket.remoteAddress ?? '';
  }

  entry(status: number, bytes: number): AccessLogEntry {
    const { method = '', url = '', httpVersion } = this.#request;
    const duration = performance.now() - this.#began;
    return { time: this.#time, remoteAddress: this.#remoteAddress, method, url, httpVersion, status, bytes, duration };
  }
}
