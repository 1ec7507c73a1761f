import { assertMs } from './check.ts';
import { hub } from './hub.ts';
import { sleep } from './sleep.ts';

/**
 * A steady beat: yields 0, 1, 2 … every `ms` milliseconds, the first after `ms`. Work that takes longer than a beat
 * skips the beats it missed; later ones stay on the grid.
 *
 * @throws {RangeError} if `ms` is not a positive number.
 * @example
 * for (const tick of ticker(33)) world.advance(tick);
 */
export function ticker(ms: number): IterableIterator<number> {
  assertMs('a beat', ms);
  if (ms === 0 || ms === Number.POSITIVE_INFINITY)
    throw new RangeError(`a beat must be positive and finite, got ${ms}`);
  return beats(ms);
}

function* beats(ms: number): IterableIterator<number> {
  const { clock } = hub.timers;
  let due = clock.now() + ms;
  for (let tick = 0; ; tick++) {
    sleep(Math.max(0, due - clock.now()));
    yield tick;
    const late = Math.max(0, clock.now() - due);
    due += ms * (1 + Math.floor(late / ms));
  }
}
