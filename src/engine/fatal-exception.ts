import type { AsyncIds } from './async-ids.ts';

/**
 * Node clears its whole stack of async ids when it has handled an uncaught exception: the callback is over. On a
 * greenlet's stack neither the greenlet is, nor the callback of the main stack below: what was there is put back.
 *
 * @param inGreenlet tells whether a greenlet runs now.
 */
export function shieldFatalException(ids: AsyncIds, inGreenlet: () => boolean): void {
  const hooked = process as unknown as { _fatalException(...args: unknown[]): boolean };
  const original = hooked._fatalException;
  if (typeof original !== 'function') return;
  hooked._fatalException = function (this: unknown, ...args: unknown[]): boolean {
    const handle = (): boolean => Reflect.apply(original, process, args);
    return inGreenlet() ? ids.protect(handle) : handle();
  };
}
