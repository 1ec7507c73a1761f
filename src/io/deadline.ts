import { hub } from '../hub/hub.ts';
import { checkTimeout, type TimeoutLike } from '../hub/park.ts';

/** The time of one call that may have to wait several times. */
export class Deadline {
  readonly #timeout: TimeoutLike;
  readonly #end: number;

  /** Counts from now. @throws {RangeError|TypeError} for bad input. */
  constructor(timeout: TimeoutLike) {
    const limit = checkTimeout(timeout);
    this.#timeout = timeout;
    this.#end = typeof limit === 'number' && Number.isFinite(limit) ? hub.timers.clock.now() + limit : 0;
  }

  /** What is left, as the timeout of the next wait. */
  get left(): TimeoutLike {
    return this.#end === 0 ? this.#timeout : Math.max(0, this.#end - hub.timers.clock.now());
  }
}
