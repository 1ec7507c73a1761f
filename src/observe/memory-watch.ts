import { inspect } from 'node:util';

/** What a monitor tells of the memory of the process. */
export interface MemoryReport {
  /** Bytes of resident memory. */
  rss: number;
  limit: number;
  /** False when it is below the limit again. */
  exceeded: boolean;
}

const USUAL_INTERVAL = 1000;
const MEGABYTE = 1024 * 1024;

/** Reports resident memory beyond a limit: each time while it still grows, and once when it is below again. */
export class MemoryWatch {
  readonly #limit: number;
  readonly #interval: number;
  readonly #report: (report: MemoryReport) => void;
  #worst = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @throws {TypeError|RangeError} if the limit is no positive number. */
  constructor(limit: number, interval = USUAL_INTERVAL, report: (report: MemoryReport) => void = print) {
    if (typeof limit !== 'number') throw new TypeError(`memoryLimit must be a number of bytes, got ${inspect(limit)}`);
    if (!(limit > 0)) throw new RangeError(`memoryLimit must be above 0, got ${limit}`);
    if (typeof report !== 'function') throw new TypeError(`onMemory must be a function, got ${inspect(report)}`);
    this.#limit = limit;
    this.#interval = interval;
    this.#report = report;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), this.#interval);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const rss = process.memoryUsage.rss();
    if (rss > this.#limit) {
      if (rss <= this.#worst) return;
      this.#worst = rss;
    } else {
      if (this.#worst === 0) return;
      this.#worst = 0;
    }
    this.#report({ rss, limit: this.#limit, exceeded: rss > this.#limit });
  }
}

function print({ rss, limit, exceeded }: MemoryReport): void {
  const [used, allowed] = [rss, limit].map((bytes) => `${Math.round(bytes / MEGABYTE)} MB`);
  process.stderr.write(`greenlets: memory is ${exceeded ? 'above' : 'below'} its limit: ${used} of ${allowed}\n`);
}
