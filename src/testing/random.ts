import { inspect } from '../builtins.ts';

/** Numbers that look random and are the same for the same seed (mulberry32). */
export class Random {
  #state: number;

  /** @throws {TypeError} if `seed` is no integer. */
  constructor(seed: number) {
    assertSeed(seed);
    this.#state = seed | 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit) | 0;
  }
}

/** @throws {TypeError} showing the value, unless it is an integer. */
export function assertSeed(seed: unknown): void {
  if (!Number.isSafeInteger(seed)) throw new TypeError(`a seed must be an integer, got ${inspect(seed)}`);
}
