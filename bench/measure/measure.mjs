/**
 * The stopwatch of one child process. Every side (JavaScript, Python, Go) has the same one, but that V8 needs the longest
 * warm-up: run the body for that, then again and again for a while, and print the median time of one operation. The
 * median, because one garbage collection or one visit of another process must not decide.
 *
 * `BENCH_MS` is the measuring time. `BENCH_BODIES=n` runs the body exactly n times and measures
 * nothing: that is how `instructions.mjs` counts instructions of the very same programs.
 */
import { median } from '../lib/median.mjs';

/** Ms. In its first second V8 compiles, and lets the young generation grow: operations take ten times as long. */
const WARM_UP = 1000;
/** The same for what runs much code of other libraries, which takes longer to settle. */
export const LONG_WARM_UP = 4000;
const LEAST_SAMPLES = 3;

class Stopwatch {
  #ops;
  #warmUp;
  #fixed = Number(process.env.BENCH_BODIES ?? 0);
  #measuring = Number(process.env.BENCH_MS ?? 500);
  #samples = [];
  #bodies = 0;
  #began = performance.now();
  #warm = false;
  #lapBegan = 0;

  constructor(ops, warmUp) {
    this.#ops = ops;
    this.#warmUp = warmUp;
  }

  /** Whether the body should run (again); its time counts from here to `lap`. */
  wantsMore() {
    if (this.#fixed > 0) return this.#bodies < this.#fixed;
    const now = performance.now();
    if (!this.#warm && now - this.#began > this.#warmUp) {
      this.#warm = true;
      this.#began = now;
    }
    this.#lapBegan = performance.now();
    return !this.#warm || this.#samples.length < LEAST_SAMPLES || now - this.#began < this.#measuring;
  }

  lap() {
    this.#bodies++;
    if (this.#warm) this.#samples.push(performance.now() - this.#lapBegan);
  }

  report() {
    if (this.#fixed > 0) return;
    print({ ns_per_op: (median(this.#samples) * 1e6) / this.#ops });
  }
}

/** Measures a body that does `ops` operations and returns when they are done (blocking its greenlet, if need be). */
export function measure(ops, body, warmUp = WARM_UP) {
  const stopwatch = new Stopwatch(ops, warmUp);
  while (stopwatch.wantsMore()) {
    body();
    stopwatch.lap();
  }
  stopwatch.report();
}

/** The same for a body that returns a promise. */
export async function measureAsync(ops, body, warmUp = WARM_UP) {
  const stopwatch = new Stopwatch(ops, warmUp);
  while (stopwatch.wantsMore()) {
    await body();
    stopwatch.lap();
  }
  stopwatch.report();
}

/** The size that the case is played at. */
export function size() {
  return Number(process.env.BENCH_SIZE);
}

/** The one line a child process prints. */
export function print(result) {
  console.log(JSON.stringify(result));
}
