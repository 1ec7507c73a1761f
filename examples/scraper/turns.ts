/** When the next request to a host may begin: one after the other, a delay apart, later when the host has had enough. */
import { sleep } from 'greenlets';
import { Lock } from 'greenlets/lock';

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;
const LONGEST_DELAY = 10_000;
/** After a refusal, requests are at least so far apart, in ms. */
const CAUTIOUS = 100;
const RECOVERY = 0.9;

export class Turns {
  readonly #line = new Lock();
  #usual: number;
  #delay: number;
  #next = 0;
  #refused = Number.NEGATIVE_INFINITY;

  /** @param delay ms between two requests when all is well. */
  constructor(delay: number) {
    this.#usual = delay;
    this.#delay = delay;
  }

  /** Ms between two requests now. */
  get delay(): number {
    return this.#delay;
  }

  /** Makes the usual delay at least so long. */
  keepApart(delay: number): void {
    this.#usual = Math.max(this.#usual, delay);
    this.#delay = Math.max(this.#delay, delay);
  }

  /** Waits for a turn: first come, first served. */
  wait(): void {
    this.#line.use(() => {
      for (let left = this.#left(); left > 0; left = this.#left()) sleep(left);
      this.#next = performance.now() + this.#delay;
    });
  }

  /**
   * The host has refused a request because there were too many: all wait, and go slower afterwards.
   *
   * @param begun when that request began; refusals of others that were under way meanwhile count once.
   * @param asked for how long, in ms, if the host said so.
   */
  refused(begun: number, asked: number | null): void {
    const again = begun < this.#refused;
    this.#refused = performance.now();
    if (!again) this.#delay = Math.min(LONGEST_DELAY, Math.max(CAUTIOUS, this.#delay * 2));
    const pause = Math.min(LONGEST_PAUSE, asked ?? Math.max(FIRST_PAUSE, this.#delay));
    this.#next = Math.max(this.#next, this.#refused + pause);
  }

  /** The host has answered: back to the usual delay, step by step. */
  answered(): void {
    this.#delay = Math.max(this.#usual, this.#delay * RECOVERY);
  }

  #left(): number {
    return this.#next - performance.now();
  }
}
