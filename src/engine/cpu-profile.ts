/**
 * CPU profiles with greenlets in them. V8's own sampler passes their stacks over, so a thread interrupts them for a sample
 * as often (see native/src/interrupter.h): a function shows at its calls and at the ends of its loops' rounds. While a
 * profile is taken each greenlet begins in a frame with its name, so that what it runs stands under that.
 */

/** Calls `run`, in a frame that has a greenlet's name. */
export type NamedFrame = (run: (...args: unknown[]) => unknown, args: readonly unknown[]) => unknown;

/** Node's own interval, in µs. */
export const USUAL_INTERVAL = 1000;

/** Microseconds between two samples, if Node was told to take a CPU profile of all that runs; else 0. */
export function profiledEvery(
  options: string = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' '),
): number {
  if (!/(^|\s)--cpu-prof(\s|$)/.test(options)) return 0;
  const [, interval] = /--cpu-prof-interval[= ](\d+)/.exec(options) ?? [];
  return Number(interval ?? USUAL_INTERVAL);
}

const frames = new Map<string, NamedFrame>();

/** The frame for greenlets of this name. Profilers take a function's name from its source, whatever its `name` says. */
export function frameNamed(name: string): NamedFrame {
  let frame = frames.get(name);
  if (frame === undefined) {
    const key = JSON.stringify(name);
    const source = `({ ${key}: (run, args) => run(...args) })[${key}]`;
    const filename = `${import.meta.url}#greenlet`; // as a script of this package: not shown in stacks
    frame = process.getBuiltinModule('node:vm').runInThisContext(source, { filename }) as NamedFrame;
    frames.set(name, frame);
  }
  return frame;
}
