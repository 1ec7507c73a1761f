import { inspect } from '../builtins.ts';

/** @throws {TypeError} showing the value, where it stands in the place of options: a bare timeout would be ignored. */
export function assertOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || options instanceof AbortSignal) {
    throw new TypeError(`expected an object of options, got ${inspect(options, { depth: 0 })}`);
  }
}
