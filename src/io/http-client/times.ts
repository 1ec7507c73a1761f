import { hub } from '../../hub/hub.ts';
import { checkTimeout } from '../../hub/park.ts';
import { type Phase, RequestTimeout } from './errors.ts';

/** How long each phase may take, in ms. */
export type PhaseTimes = { readonly [P in Phase]: number | null | undefined };

const WHAT: Record<Phase, string> = {
  connect: 'no connection',
  headers: 'no response',
  body: 'no more of the response’s body',
};

/** The time of a request with all its redirects and retries, counted from now, and the times of its phases. */
export class Times {
  readonly #timeout: number | null;
  readonly #end: number;
  readonly #phases: PhaseTimes;

  /** @throws {RangeError|TypeError} for bad input. */
  constructor(timeout: number | null | undefined, phases: PhaseTimes) {
    for (const time of Object.values(phases)) checkTimeout(time);
    this.#timeout = timeout ?? null;
    this.#end = hub.timers.clock.now() + (checkTimeout(timeout) as number);
    this.#phases = phases;
  }

  /** What is left of the whole, in ms. */
  get left(): number {
    return this.#end === Number.POSITIVE_INFINITY ? this.#end : Math.max(0, this.#end - hub.timers.clock.now());
  }

  /** True if this phase has a time of its own. */
  limits(phase: Phase): boolean {
    return typeof this.#phases[phase] === 'number';
  }

  /** Begins a wait; gives how much time is left for it, each time it is asked. */
  begin(phase: Phase): () => number {
    const limit = this.#phases[phase];
    if (typeof limit !== 'number') return () => this.left;
    const end = hub.timers.clock.now() + limit;
    return () => Math.min(this.left, Math.max(0, end - hub.timers.clock.now()));
  }

  /** The error for a wait in `phase` that has no time left. */
  expired(phase: Phase, request: string): RequestTimeout {
    if (this.left > 0) {
      const limit = this.#phases[phase] as number;
      return new RequestTimeout(limit, `${request}: ${WHAT[phase]} within ${limit} ms`, phase);
    }
    return new RequestTimeout(this.#timeout, `${request}: not complete within ${this.#timeout} ms`);
  }
}
