// Taken now: test libraries replace it. Not `performance`: that is a getter which loads node:perf_hooks.
const { hrtime } = process;

/** Milliseconds on a clock that never goes back, whose zero is anywhere. */
export function now(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
