import { inspect } from '../builtins.ts';

/** Throws unless `value` is a whole number, `least` or more. @throws {TypeError|RangeError} showing the value. */
export function assertCount(name: string, value: unknown, least: number): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${inspect(value)}`);
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number, ${least} or more, got ${value}`);
  }
}

/** As `assertCount`; undefined and null stand for no limit. */
export function limitOf(name: string, value: unknown): number {
  if (value === undefined || value === null || value === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  assertCount(name, value, 0);
  return value;
}

/** Throws unless `value` is a duration. @throws {TypeError|RangeError} showing the value. */
export function assertMs(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number of ms, got ${inspect(value)}`);
  if (!(value >= 0)) throw new RangeError(`${name} must be a number of ms, 0 or more, got ${value}`);
}

/** @throws {TypeError} showing the value, unless it is a function. */
export function assertFunction(fn: unknown): void {
  if (typeof fn !== 'function') throw new TypeError(`expected a function, got ${inspect(fn)}`);
}

/** @throws {TypeError} showing the value, unless it can be iterated. */
export function assertIterable(items: unknown): void {
  if (typeof (items as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`expected an iterable, got ${inspect(items)}`);
  }
}

/** @throws {TypeError} showing the value, where it stands in the place of options: a bare timeout would be ignored. */
export function assertOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || options instanceof AbortSignal) {
    throw new TypeError(`expected an object of options, got ${inspect(options, { depth: 0 })}`);
  }
}
