/** Places of Node's own API in which a greenlet must not block, or must not reach beyond itself. */
import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import { engine } from '../engine/raw-greenlet.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * When a `vm` time limit runs out, V8 ends whatever runs then, which need not be the guest: blocking under one is
 * refused.
 */
export function guardVmTimeouts(): void {
  const prototype = vm.Script.prototype as unknown as Record<string, AnyFunction>;
  for (const [name, optionsAt] of [
    ['runInContext', 1],
    ['runInNewContext', 1],
    ['runInThisContext', 0],
  ] as const) {
    const original = prototype[name] as AnyFunction;
    prototype[name] = {
      [name](this: unknown, ...args: unknown[]): unknown {
        const options = args[optionsAt] as { timeout?: unknown } | undefined;
        if (typeof options !== 'object' || options?.timeout === undefined || engine.current === engine.main) {
          return Reflect.apply(original, this, args);
        }
        return engine.forbidding('cannot block under a vm time limit: when it runs out, V8 ends whatever runs', () =>
          Reflect.apply(original, this, args),
        );
      },
    }[name] as AnyFunction;
  }
}

/** In Node 20 and 22 `als.exit()` disables the store for the whole process; inside a greenlet it must not. */
export function guardStorageExit(): void {
  if (engine.native.hasContinuationData && Number(process.versions.node.split('.')[0]) >= 24) return;
  const { exit, run } = AsyncLocalStorage.prototype as unknown as { exit: AnyFunction; run: AnyFunction };
  (AsyncLocalStorage.prototype as unknown as { exit: AnyFunction }).exit = function (...args: unknown[]): unknown {
    return engine.current === engine.main
      ? Reflect.apply(exit, this, args)
      : Reflect.apply(run, this, [undefined, ...args]);
  };
}
