import { brandError, GreenletError } from '../../errors.ts';
import { Timeout } from '../../hub/timeout.ts';

/**
 * A request has failed: on the network, or because of what the other side sent. `code` is Node's (`ECONNREFUSED`, …) or
 * undici's (`UND_ERR_SOCKET`, …), `cause` is their error. No answer with a status, whatever it is, is such a failure.
 */
export class RequestError extends GreenletError {
  readonly method: string;
  readonly url: string;

  constructor(method: string, url: string, why: string, code: string, cause?: unknown) {
    super(`${method} ${url}: ${why}`, code, cause === undefined ? undefined : { cause });
    this.method = method;
    this.url = url;
  }

  /** The failure that `cause` stands for. */
  static from(method: string, url: string, cause: Error): RequestError {
    const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_GREENLETS_REQUEST_FAILED';
    return new RequestError(method, url, cause.message || code, code, cause);
  }
}
brandError(RequestError, 'RequestError');

/** What of a request may have a time of its own. */
export type Phase = 'connect' | 'headers' | 'body';

/** The time of a request, or of a phase of it, is over. It is a `Timeout`, and called so. */
export class RequestTimeout extends Timeout {
  /** Undefined if the time of the whole is over. */
  readonly phase: Phase | undefined;

  constructor(ms: number | null, message: string, phase?: Phase) {
    super(ms, message);
    this.phase = phase;
  }
}
