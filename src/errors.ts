/**
 * Every error class of this package. Each has a stable `code`, and a brand under `Symbol.for`, so that `instanceof`
 * holds between two copies of the package in one process.
 */

/** Gives `instanceof` of a class across copies of the package: by brand, not by prototype. */
export function branded(brandedClass: abstract new (...args: never[]) => object, name: string): void {
  const brand = Symbol.for(`greenlets.${name}`);
  Object.defineProperty(brandedClass.prototype, brand, { value: true });
  Object.defineProperty(brandedClass, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      if (typeof candidate !== 'object' || candidate === null) return false;
      // A subclass made by users inherits this method but has no brand of its own.
      if (this !== brandedClass) return Function.prototype[Symbol.hasInstance].call(this as () => void, candidate);
      return (candidate as Record<symbol, unknown>)[brand] === true;
    },
  });
}

/** `branded`, with the name that an error shows. */
export function brandError(brandedClass: abstract new (...args: never[]) => Error, name: string): void {
  branded(brandedClass, name);
  Object.defineProperty(brandedClass.prototype, 'name', { value: name, configurable: true, writable: true });
}

/**
 * Raised in a greenlet to end it: by `kill()`, or by a garbage collection that found nobody who could resume it.
 * A greenlet that ends by one counts as killed, not as failed.
 */
export class GreenletExit extends Error {
  readonly code: string = 'ERR_GREENLETS_EXIT';
  constructor(message = 'the greenlet was killed', options?: ErrorOptions) {
    super(message, options);
  }
}

/** Raised in the program greenlet by the first SIGINT or SIGTERM. */
export class Interrupted extends GreenletExit {
  override readonly code: string = 'ERR_GREENLETS_INTERRUPTED';
  readonly signal: string;
  constructor(signal: string) {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}

/** Something was used in a way that its state does not allow; nothing has been changed. */
export class GreenletError extends Error {
  readonly code: string;
  constructor(message: string, code = 'ERR_GREENLETS_INVALID_STATE', options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A blocking call was made where nothing can be suspended. */
export class BlockingSwitchOutError extends GreenletError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 'ERR_GREENLETS_CANNOT_BLOCK', options);
  }
}

/** A raw `switch()` into a greenlet that waits in the hub: only what it waits for may resume it. */
export class InvalidSwitchError extends GreenletError {
  constructor(message: string) {
    super(message, 'ERR_GREENLETS_INVALID_SWITCH');
  }
}

/** Nothing is left that could wake any greenlet. The message lists who is stuck, where, and on what. */
export class LoopExit extends GreenletError {
  constructor(message: string) {
    super(message, 'ERR_GREENLETS_LOOP_EXIT');
  }
}

/** Two greenlets wait on one object that serves one at a time. */
export class ConcurrentObjectUseError extends GreenletError {
  constructor(message: string) {
    super(message, 'ERR_GREENLETS_CONCURRENT_USE');
  }
}

/** `get` found no item in time. */
export class QueueEmpty extends GreenletError {
  constructor(message = 'the queue is empty') {
    super(message, 'ERR_GREENLETS_QUEUE_EMPTY');
  }
}

/** `put` found no room in time. */
export class QueueFull extends GreenletError {
  constructor(message = 'the queue is full') {
    super(message, 'ERR_GREENLETS_QUEUE_FULL');
  }
}

/** The queue was shut down. */
export class QueueShutDown extends GreenletError {
  constructor(message = 'the queue was shut down') {
    super(message, 'ERR_GREENLETS_QUEUE_SHUT_DOWN');
  }
}

brandError(GreenletExit, 'GreenletExit');
brandError(Interrupted, 'Interrupted');
brandError(GreenletError, 'GreenletError');
brandError(BlockingSwitchOutError, 'BlockingSwitchOutError');
brandError(InvalidSwitchError, 'InvalidSwitchError');
brandError(LoopExit, 'LoopExit');
brandError(ConcurrentObjectUseError, 'ConcurrentObjectUseError');
brandError(QueueEmpty, 'QueueEmpty');
brandError(QueueFull, 'QueueFull');
brandError(QueueShutDown, 'QueueShutDown');
