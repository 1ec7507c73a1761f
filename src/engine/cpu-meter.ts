import type { StackOwner } from './stack-owner.ts';

/** Measures how much CPU each greenlet uses: what the thread has used between two switches is the origin's. */
export class CpuMeter {
  readonly #now: () => number;
  #since: number;

  /** @param now CPU time of this thread, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /** The origin has been left. */
  switched(origin: StackOwner): void {
    const now = this.#now();
    origin.spentCpu += now - this.#since;
    this.#since = now;
  }

  /** What the running greenlet has used since its last switch, in ms. */
  running(): number {
    return this.#now() - this.#since;
  }
}
