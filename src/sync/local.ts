import { inspect } from '../builtins.ts';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';

/**
 * A variable with a value of its own in each greenlet, made by `init` at the first reading there. Values are let go when
 * their greenlet ends, and when nobody refers to the Local any more.
 *
 * To hand values to the greenlets that one spawns, use Node's AsyncLocalStorage.
 *
 * @example
 * const depth = new Local(() => 0);
 * depth.value++;
 */
export class Local<T> {
  readonly #init: () => T;

  /**
   * @param init makes the value of a greenlet that has none; called in that greenlet.
   * @throws {TypeError} if it is no function.
   */
  constructor(init: () => T) {
    if (typeof init !== 'function') throw new TypeError(`init must be a function, got ${inspect(init)}`);
    this.#init = init;
  }

  /** The value in the current greenlet. */
  get value(): T {
    const { locals } = engine.current as RawGreenlet;
    if (locals?.has(this)) return locals.get(this) as T;
    const value = this.#init();
    this.value = value;
    return value;
  }
  set value(value: T) {
    const greenlet = engine.current as RawGreenlet;
    greenlet.locals ??= new WeakMap();
    greenlet.locals.set(this, value);
  }

  /** Whether the current greenlet has a value. */
  get has(): boolean {
    return (engine.current as RawGreenlet).locals?.has(this) === true;
  }

  /** Lets the current greenlet's value go; the next reading makes a new one. */
  delete(): void {
    (engine.current as RawGreenlet).locals?.delete(this);
  }
}
