import { dressLike } from '../to-sync.ts';
import { type AnyFunction, CallFailure, canSuspend, restacked } from './suspend.ts';

/** The object that a function is a property of. */
export type Home = Record<string, AnyFunction | undefined>;

/** One function of Node, and what stands in its place. */
export class Patch {
  readonly home: Home;
  readonly name: string;
  readonly original: AnyFunction;
  readonly #replacement: AnyFunction;
  #active = false;

  /** @param suspending does the same as the original, suspending the greenlet that calls it. */
  constructor(home: Home, name: string, suspending: AnyFunction) {
    const original = home[name] as AnyFunction;
    this.home = home;
    this.name = name;
    this.original = original;
    const isActive = (): boolean => this.#active;
    const replacement: AnyFunction = function (...args) {
      // A counterpart would take a function, which means nothing here, for its callback.
      if (!isActive() || args.some(isFunction) || !canSuspend(replacement)) return Reflect.apply(original, this, args);
      try {
        return Reflect.apply(suspending, this, args);
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        if (error.askOriginal) return Reflect.apply(original, this, args);
        throw restacked(error.reason, replacement);
      }
    };
    // What else the original has as properties, such as realpathSync.native, is seen through it.
    this.#replacement = Object.setPrototypeOf(dressLike(replacement, original), original) as AnyFunction;
  }

  get inPlace(): boolean {
    return this.#active && this.home[this.name] === this.#replacement;
  }

  /** Nothing happens if it is active: what was put over it since is left in peace. */
  apply(): void {
    if (this.#active) return;
    this.#active = true;
    this.home[this.name] = this.#replacement;
  }

  /** Whoever has wrapped or kept the replacement meanwhile gets the original through it. */
  undo(): void {
    if (this.inPlace) this.home[this.name] = this.original;
    this.#active = false;
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
