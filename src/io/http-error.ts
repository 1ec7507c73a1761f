import { STATUS_CODES } from 'node:http';
import { brandError, GreenletError } from '../errors.ts';

/**
 * Thrown in a handler of an HttpServer: the response is `status`. The client sees the message of a 4xx, never that of a
 * 5xx, which is logged.
 */
export class HttpError extends GreenletError {
  readonly status: number;

  /** @throws {RangeError} unless `status` is 400 to 599. */
  constructor(status: number, message: string = STATUS_CODES[status] ?? 'Error', options?: ErrorOptions) {
    super(message, 'ERR_GREENLETS_HTTP', options);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`the status of an error must be 400 to 599, got ${String(status)}`);
    }
    this.status = status;
  }
}
brandError(HttpError, 'HttpError');
