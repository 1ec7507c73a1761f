import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { hub } from '../hub/hub.ts';

/** Told of each error that a handler left uncaught. */
export type ErrorHandler = (error: unknown) => void;

/**
 * Tells of an error that a handler left uncaught: `onError`, else the listeners of the hub's 'error', else stderr. It never
 * ends the process.
 *
 * @param what failed, for the log.
 */
export function reportHandlerError(error: unknown, what: string, onError: ErrorHandler | undefined): void {
  try {
    if (onError !== undefined) onError(error);
    else if (hub.listenerCount('error') > 0) hub.emit('error', engine.current as RawGreenlet, error);
    else console.error(`${what} failed:`, error);
  } catch (failure) {
    console.error(`${what} failed:`, error, 'and so did reporting that:', failure);
  }
}
