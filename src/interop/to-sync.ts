import { inspect, types } from '../builtins.ts';
import { checkpoint } from '../hub/park.ts';
import { wait } from './wait.ts';

type Settled<R> = R extends Promise<infer T> ? T : R;
type AnyFunction = (...args: never[]) => unknown;

/** A function whose promises are waited for; up to eight overloads are kept. */
export type SyncFunction<F> = F extends {
  (...args: infer A1): infer R1;
  (...args: infer A2): infer R2;
  (...args: infer A3): infer R3;
  (...args: infer A4): infer R4;
  (...args: infer A5): infer R5;
  (...args: infer A6): infer R6;
  (...args: infer A7): infer R7;
  (...args: infer A8): infer R8;
}
  ? {
      (...args: A1): Settled<R1>;
      (...args: A2): Settled<R2>;
      (...args: A3): Settled<R3>;
      (...args: A4): Settled<R4>;
      (...args: A5): Settled<R5>;
      (...args: A6): Settled<R6>;
      (...args: A7): Settled<R7>;
      (...args: A8): Settled<R8>;
    }
  : F;

/** An object whose functions' promises are waited for. */
export type Sync<T> = T extends AnyFunction
  ? SyncFunction<T>
  : { [K in keyof T]: T[K] extends AnyFunction ? SyncFunction<T[K]> : T[K] };

/** Gives `wrapper` the name and length of `original`. */
export function dressLike<F extends object>(wrapper: F, original: AnyFunction): F {
  Object.defineProperty(wrapper, 'name', { value: original.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: original.length, configurable: true });
  return wrapper;
}

/**
 * Makes a promise-returning function, or every function of an object, blocking. `this`, name and length are kept. Only
 * real promises are waited for: a lazy thenable (a query builder) is returned as it is, for `wait(builder)`.
 *
 * Its type keeps up to eight overloads of each function. For more, and for generic functions, give the blocking type:
 * `toSync<Api>(x)`.
 *
 * @example
 * const { readFile } = toSync(fs.promises);
 * const db = toSync(new pg.Client());
 * const { rows } = db.query('select now()');
 */
export function toSync<T extends object>(target: T): Sync<T>;
export function toSync<Api extends object>(target: object): Api;
export function toSync(target: object): object {
  if (typeof target === 'function') return syncFunction(target as AnyFunction, undefined, undefined);
  if (typeof target !== 'object' || target === null) {
    throw new TypeError(`expected a function or an object, got ${inspect(target)}`);
  }
  return syncObject(target);
}

/** A proxy: a class stays one, and what else a function has as an object is kept with its name and length. */
function syncFunction(fn: AnyFunction, proxy: object | undefined, target: object | undefined): AnyFunction {
  return new Proxy(fn, {
    apply(_, self: unknown, args: never[]): unknown {
      checkpoint(); // before anything is started
      // Methods that look into private fields need the object itself, not its proxy.
      const result = Reflect.apply(fn, proxy !== undefined && self === proxy ? target : self, args);
      return types.isPromise(result) ? wait(result) : result;
    },
  });
}

function syncObject(target: object): object {
  const wrapped = new WeakMap<object, AnyFunction>();
  const proxy: object = new Proxy(target, {
    get(object, key) {
      const value = Reflect.get(object, key, object) as unknown;
      if (typeof value !== 'function' || key === 'constructor') return value;
      const own = Reflect.getOwnPropertyDescriptor(object, key);
      if (own !== undefined && own.configurable === false && own.writable === false) return value;
      let sync = wrapped.get(value);
      if (sync === undefined) {
        sync = syncFunction(value as AnyFunction, proxy, target);
        wrapped.set(value, sync);
      }
      return sync;
    },
    // As above, a setter needs the object itself.
    set: (object, key, value, receiver) => Reflect.set(object, key, value, receiver === proxy ? object : receiver),
  });
  return proxy;
}
