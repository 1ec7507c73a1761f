import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { GreenletExit } from '../errors.ts';
import { assertFunction, assertOptions } from '../hub/check.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { assertCanBlock, enter, interruptLater, PersistentError } from '../hub/park.ts';
import { shield } from '../hub/shield.ts';
import type { Group } from './group.ts';
import { Pool } from './pool.ts';

/** How many children a nursery runs at a time. */
export interface NurseryOptions {
  limit?: number | null;
}

/**
 * Runs `fn` with a group, and returns when it and all members of the group have ended: nothing started inside outlives
 * the call.
 *
 * The first failure, of a child or of `fn`, kills the rest persistently and is thrown once all have ended; later ones
 * stand in its `suppressed`. A kill or timeout from outside takes the children along. A killed child is no failure.
 *
 * @returns what `fn` returns.
 * @example
 * const [user, posts] = nursery((group) => {
 *   const user = group.spawn(loadUser, id);
 *   const posts = group.spawn(loadPosts, id);
 *   return [user.get(), posts.get()];
 * });
 */
export function nursery<T>(fn: (group: Group) => T, options: NurseryOptions = {}): T {
  assertFunction(fn);
  assertOptions(options);
  const scope = new Scope(options.limit);
  enter();
  assertCanBlock();
  return scope.run(fn);
}

class Scope {
  readonly #owner = engine.current as RawGreenlet;
  readonly #shieldDepth = this.#owner.shielded;
  readonly #group: Pool;
  readonly #failures: unknown[] = [];
  /** What ends `fn` when a child has failed. */
  #cancel: PersistentError | null = null;

  constructor(limit: number | null | undefined) {
    this.#group = new Pool(limit, { onFailure: (error) => this.#childFailed(error) });
  }

  run<T>(fn: (group: Group) => T): T {
    const owner = this.#owner instanceof Greenlet ? this.#owner : null;
    let value: T | undefined;
    owner?.watch(this.#abandoned);
    try {
      value = fn(this.#group);
      this.#group.join();
    } catch (error) {
      if (error !== this.#cancel?.error) this.#fail(error);
    }
    this.#cancel?.withdraw();
    shield(() => this.#group.join());
    this.#group.close('the nursery has ended: nothing can be spawned in it');
    owner?.unlink(this.#abandoned);
    if (this.#failures.length > 0) throw firstOf(this.#failures);
    return value as T;
  }

  /** The owner was ended by force, which has left none of its code to wait for the children. */
  readonly #abandoned = (): void =>
    this.#fail(new GreenletExit('killed: the greenlet of the nursery was ended by force'));

  #childFailed(error: unknown): void {
    this.#fail(error);
    if (this.#cancel !== null) return;
    const exit = new GreenletExit('a child of the nursery has failed', { cause: error });
    this.#cancel = new PersistentError(this.#owner, exit);
    interruptLater(this.#owner, this.#cancel, this.#shieldDepth);
  }

  #fail(error: unknown): void {
    if (!this.#failures.includes(error)) this.#failures.push(error);
    this.#group.doom(new GreenletExit('killed: the nursery has failed', { cause: error }));
  }
}

/** The first failure, with the later ones in its `suppressed`. */
function firstOf(failures: unknown[]): unknown {
  const [first, ...later] = failures;
  if (later.length > 0 && typeof first === 'object' && first !== null) {
    const before = (first as { suppressed?: unknown }).suppressed;
    const suppressed = [...(Array.isArray(before) ? before : []), ...later];
    Reflect.defineProperty(first, 'suppressed', { value: suppressed, configurable: true, writable: true });
  }
  return first;
}
