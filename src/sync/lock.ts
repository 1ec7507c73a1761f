import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';
import { notWaitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { type QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import type { Waiter } from '../hub/waiter.ts';
import { Exclusive } from './exclusive.ts';

/**
 * Who holds a lock, how often, and who waits for it. The base of Lock and RLock.
 *
 * Hand-over is direct: a released lock belongs to whoever waited longest before that greenlet runs, so that nobody can
 * barge in. A lock whose owner was ended by force (`kill({ hard: true })`, a preempted one) is broken: what it protected
 * may be half done. Waiters, later `acquire`s and `release`s get a GreenletError with code `ERR_GREENLETS_BROKEN_LOCK`.
 */
export abstract class OwnedLock extends Exclusive {
  declare readonly [notWaitable]: string;
  readonly #waiters: Acquirers = new Acquirers(this);
  #owner: RawGreenlet | null = null;
  /** How often the owner holds it. */
  protected depth = 0;

  /** True while somebody holds it. */
  get locked(): boolean {
    return this.#owner !== null;
  }
  /** @internal True if the current greenlet holds it. */
  get mine(): boolean {
    return this.#owner === engine.current;
  }

  override acquire(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    return this.tryAcquire() || parkUntil(this.#waiters, limit) !== EXPIRED;
  }

  override tryAcquire(): boolean {
    if (this.#owner !== null) {
      this.assertWhole();
      return false;
    }
    this.#own(engine.current as RawGreenlet, 1);
    return true;
  }

  /** @throws {GreenletError} if it is broken. */
  protected assertWhole(): void {
    if (this.broken) throw brokenLock();
  }

  /** Gives it to whoever waited longest, or frees it. */
  protected pass(): void {
    const next = this.#waiters.shift() as Waiter | null;
    if (next === null) {
      this.#owner = null;
      this.depth = 0;
    } else {
      this.#own(next.greenlet, next.item === undefined ? 1 : (next.item as number));
      next.wake(true);
    }
  }

  #own(greenlet: RawGreenlet, depth: number): void {
    this.#owner = greenlet;
    this.depth = depth;
  }

  /** @internal Frees it wholly, for `Condition.wait`; how often it was held. */
  yieldUp(): number {
    const { depth } = this;
    this.pass();
    return depth;
  }

  /** @internal Takes it again as often as it was held. */
  takeBack(depth: number): void {
    if (this.tryAcquire()) this.depth = depth;
    else parkUntil(this.#waiters, Number.POSITIVE_INFINITY, depth);
  }

  /** @internal True if its owner was ended by force. */
  get broken(): boolean {
    return this.#owner?.broke === true;
  }
}
Object.defineProperty(OwnedLock.prototype, notWaitable, { value: 'lock.acquire()' });

class Acquirers extends WaitQueue {
  readonly #lock: OwnedLock;
  constructor(lock: OwnedLock) {
    super();
    this.#lock = lock;
  }
  /** See `WaitSource.abandoned`. */
  abandoned(node: QueueNode): void {
    if (!this.#lock.broken) return;
    this.unregister(node);
    node.fail(brokenLock());
  }
}

/** What those get who ask for a lock that its owner can never release. */
export function brokenLock(): GreenletError {
  return new GreenletError(
    'the lock is broken: the greenlet that held it was ended by force, and what it protected may be half done',
    'ERR_GREENLETS_BROKEN_LOCK',
  );
}

/**
 * A lock that one holds at a time. Any greenlet may release it; acquiring it twice in one greenlet waits for ever.
 * Nothing needs a lock that does not block in between: greenlets switch only where they block.
 *
 * @example
 * lock.use(() => { const n = read(); write(n + 1); });
 */
export class Lock extends OwnedLock {
  /** @throws {GreenletError} with code `ERR_GREENLETS_NOT_LOCKED` if nobody holds it. */
  override release(): void {
    this.assertWhole();
    if (!this.locked) throw new GreenletError('the lock is not locked', 'ERR_GREENLETS_NOT_LOCKED');
    this.pass();
  }
}
