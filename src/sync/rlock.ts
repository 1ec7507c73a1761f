import { GreenletError } from '../errors.ts';
import { enter, type TimeoutLike } from '../hub/park.ts';
import { OwnedLock } from './lock.ts';

/** A lock that its owner may acquire again: it is free when it was released as often. Only the owner may release it. */
export class RLock extends OwnedLock {
  override acquire(timeout?: TimeoutLike): boolean {
    if (!this.mine) return super.acquire(timeout);
    enter(timeout);
    this.depth++;
    return true;
  }

  override tryAcquire(): boolean {
    if (!this.mine) return super.tryAcquire();
    this.depth++;
    return true;
  }

  /** @throws {GreenletError} with code `ERR_GREENLETS_NOT_OWNER` if the current greenlet does not hold it. */
  override release(): void {
    if (!this.mine) {
      this.assertWhole();
      throw new GreenletError(
        this.locked ? 'the lock is held by another greenlet' : 'the lock is not locked',
        this.locked ? 'ERR_GREENLETS_NOT_OWNER' : 'ERR_GREENLETS_NOT_LOCKED',
      );
    }
    if (--this.depth === 0) this.pass();
  }
}
