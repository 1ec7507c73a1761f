/** Makes the mocha that runs this process run every test and hook in a greenlet. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GreenletError } from '../errors.ts';
import { run } from '../hub/run.ts';

interface Runnable {
  fn?: (this: unknown, ...args: unknown[]) => unknown;
  /** How many arguments `fn` takes: with one, it is given a callback. */
  async: number | boolean;
  run(this: Runnable, done: unknown): unknown;
}
interface Mocha {
  Runnable: { prototype: Runnable };
}

/** The mocha of the command that runs, else that of the project. */
function findMocha(): Mocha {
  for (const from of [process.argv[1], join(process.cwd(), 'package.json')]) {
    try {
      if (from !== undefined) return createRequire(from)('mocha') as Mocha;
    } catch {}
  }
  throw new GreenletError(
    'mocha was not found: use this module as mocha --require greenlets/mocha',
    'ERR_GREENLETS_NO_MOCHA',
  );
}

/** Puts greenlets under mocha's tests and hooks, whatever interface (bdd, tdd, …) defines them. */
export function installMocha(): void {
  const { prototype } = findMocha().Runnable;
  const original = prototype.run;
  const wrapped = new WeakSet<object>();
  prototype.run = function (this: Runnable, done: unknown) {
    const { fn } = this;
    if (fn !== undefined && !wrapped.has(fn)) {
      const green = this.async ? callingBack(fn) : returning(fn);
      wrapped.add(green);
      this.fn = green;
    }
    return Reflect.apply(original, this, [done]);
  };
}

type Body = (this: unknown, ...args: unknown[]) => unknown;

function returning(fn: Body): Body {
  return function (this: unknown) {
    return run(() => fn.call(this));
  };
}

/** What a body throws after it has called back is dropped, as mocha does with a body that it calls itself. */
function callingBack(fn: Body): Body {
  return function (this: unknown, done: unknown): void {
    let calledBack = false;
    const finish = (error?: unknown): void => {
      calledBack = true;
      (done as (error?: unknown) => void)(error);
    };
    run(() => fn.call(this, finish)).catch((error: unknown) => {
      if (!calledBack) finish(error);
    });
  };
}
