/**
 * Interrupts of JavaScript that runs, by a thread of its own: see native/src/interrupter.h. They hit code of users only,
 * never in the middle of this package or of Node.
 */
import { GreenletError } from '../errors.ts';
import type { NativeEngine } from '../native.ts';
import { ownScripts } from './stack-text.ts';

/** Called on the stack of a greenlet that has used its slice up. It may switch away; true ends the greenlet by force. */
export type SliceOver = () => boolean;

/**
 * Called on the running stack when something has run for too long without a switch.
 *
 * @param trace where it was, if that had to be taken where no JavaScript may run; else it is right here.
 * @param coroutine whose stack that is; `name` is the name it was given.
 * @param ended true if it does not run any more: native code has returned, and this is a call of the event loop.
 */
export type Stalled = (trace: Error | undefined, ms: number, coroutine: number, name: string, ended: boolean) => void;

export class Interrupts {
  onSliceOver: SliceOver = () => false;
  onStalled: Stalled = () => {};

  readonly #native: NativeEngine;

  /** @throws {GreenletError} with code `ERR_GREENLETS_UNSUPPORTED` if this build of Node cannot be interrupted. */
  constructor(native: NativeEngine) {
    this.#native = native;
    const possible = native.interrupts(
      () => this.onSliceOver(),
      (...stall) => this.onStalled(...stall),
      ownScripts,
    );
    if (possible) return;
    throw new GreenletError('this build of Node cannot be interrupted safely', 'ERR_GREENLETS_UNSUPPORTED');
  }

  /** From now on CPU profiles get a sample of the running greenlet every so many µs. */
  sampleProfile(interval: number): void {
    this.#native.sampleProfile(interval);
  }
}
