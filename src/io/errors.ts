import { brandError, GreenletError } from '../errors.ts';

/** What it was used on has been closed, here or by another greenlet. */
export class ClosedError extends GreenletError {
  constructor(message = 'it was closed', options?: ErrorOptions) {
    super(message, 'ERR_GREENLETS_CLOSED', options);
  }
}

/** The other side ended before everything asked for had come; what came can still be read. */
export class EndOfStreamError extends GreenletError {
  constructor(message = 'the stream ended early') {
    super(message, 'ERR_GREENLETS_EOF');
  }
}

brandError(ClosedError, 'ClosedError');
brandError(EndOfStreamError, 'EndOfStreamError');
