/** Places of Node's and V8's own API in which a greenlet must not block, or must not reach beyond itself. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { vm } from '../builtins.ts';
import { JOIN_OF_REALM, keepJoinStackOpen } from '../engine/join-stack.ts';
import { engine } from '../engine/raw-greenlet.ts';
import { GreenletError } from '../errors.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces the method `name` of `target` by what `wrap` makes of it, with the same name and length. */
function replace(target: object, name: string, wrap: (original: AnyFunction) => AnyFunction): void {
  const methods = target as Record<string, AnyFunction | undefined>;
  const original = methods[name];
  if (typeof original !== 'function') return;
  const replacement = wrap(original);
  Object.defineProperty(replacement, 'name', { value: name, configurable: true });
  Object.defineProperty(replacement, 'length', { value: original.length, configurable: true });
  methods[name] = replacement;
}

/**
 * When a time limit of `vm` runs out, or Ctrl-C is to end a script, V8 ends whatever runs then, which need not be the
 * guest: blocking under one is refused.
 */
export function guardVmLimits(): void {
  const guard = (target: object, name: string, optionsAt: number): void =>
    replace(
      target,
      name,
      (original) =>
        function (...args) {
          const options = args[optionsAt] as { timeout?: unknown; breakOnSigint?: unknown } | null | undefined;
          const limited = options?.timeout !== undefined || options?.breakOnSigint === true;
          if (!limited) return Reflect.apply(original, this, args);
          return engine.forbidding('cannot block under a limit of vm: when it is reached, V8 ends whatever runs', () =>
            Reflect.apply(original, this, args),
          );
        },
    );
  guard(vm.Script.prototype, 'runInContext', 1);
  guard(vm.Script.prototype, 'runInThisContext', 0);
  const { SourceTextModule } = vm as { SourceTextModule?: { prototype: object } };
  if (SourceTextModule !== undefined) guard(Object.getPrototypeOf(SourceTextModule.prototype), 'evaluate', 0);
}

/** Each context of `vm` has a stack of joins of its own; see `keepJoinStackOpen`. */
export function keepJoinStacksOpen(): void {
  const join = new vm.Script(JOIN_OF_REALM);
  const open = new WeakSet<object>();
  const guard = (target: object, name: string, contextOf: (args: unknown[]) => unknown): void =>
    replace(target, name, (original) => {
      const { runInContext } = vm.Script.prototype;
      return function (...args) {
        const context = contextOf(args);
        if (typeof context === 'object' && context !== null && !open.has(context) && vm.isContext(context)) {
          open.add(context);
          keepJoinStackOpen(engine.native, Reflect.apply(runInContext, join, [context]));
        }
        return Reflect.apply(original, this, args);
      };
    });
  guard(
    vm,
    'compileFunction',
    ([, , options]) => (options as { parsingContext?: unknown } | undefined)?.parsingContext,
  );
  guard(vm.Script.prototype, 'runInContext', ([context]) => context);
}

/** In Node 20 and 22 `als.exit()` disables the store for the whole process; inside a greenlet it must not. */
export function guardStorageExit(): void {
  const { run } = AsyncLocalStorage.prototype as unknown as { run: AnyFunction };
  replace(
    AsyncLocalStorage.prototype,
    'exit',
    (exit) =>
      function (...args) {
        return engine.current === engine.main
          ? Reflect.apply(exit, this, args)
          : Reflect.apply(run, this, [undefined, ...args]);
      },
  );
}

/** Where V8 keeps the live stringifiers in an order that cannot be carried, none may be suspended. */
export function guardStringify(): void {
  if (engine.native.carriesStringifiers) return;
  replace(
    JSON,
    'stringify',
    (stringify) =>
      function (...args) {
        return engine.forbidding('cannot block inside JSON.stringify() in this Node', () =>
          Reflect.apply(stringify, this, args),
        );
      },
  );
}

/** Callbacks of native addons can block: see native/src/addon_scopes.h. */
export function patchAddons(): void {
  engine.native.patchAddons();
  replace(
    process,
    'dlopen',
    (dlopen) =>
      function (...args) {
        try {
          return Reflect.apply(dlopen, this, args);
        } finally {
          engine.native.patchAddons();
        }
      },
  );
}

/**
 * The stacks of WebAssembly's promise integration are visited by V8's collector once for each archived thread, which
 * corrupts the heap: such a stack and a greenlet's cannot live in one thread at a time.
 */
export function guardPromising(): void {
  const { WebAssembly } = globalThis as { WebAssembly?: object };
  if (WebAssembly === undefined) return;
  let running = 0;
  const ended = (): void => {
    running--;
    if (running === 0) engine.stackless = null;
  };
  const call = (run: () => PromiseLike<unknown>): PromiseLike<unknown> => {
    if (engine.native.stacks()[1] > 0) {
      throw new GreenletError(
        'WebAssembly.promising() cannot be used in a thread that has greenlets: V8 would corrupt its heap. ' +
          'Call it in a worker',
        'ERR_GREENLETS_JSPI',
      );
    }
    running++;
    engine.stackless = 'cannot start a greenlet while a WebAssembly.promising() call is suspended in this thread';
    try {
      const promise = run();
      promise.then(ended, ended);
      return promise;
    } catch (error) {
      ended();
      throw error;
    }
  };
  replace(
    WebAssembly,
    'promising',
    (promising) =>
      function (...given) {
        const exported = Reflect.apply(promising, this, given) as AnyFunction;
        const guarded = function (this: unknown, ...args: unknown[]): PromiseLike<unknown> {
          return call(() => Reflect.apply(exported, this, args) as PromiseLike<unknown>);
        };
        Object.defineProperty(guarded, 'name', { value: exported.name, configurable: true });
        Object.defineProperty(guarded, 'length', { value: exported.length, configurable: true });
        return guarded;
      },
  );
}
