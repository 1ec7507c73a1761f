import { AsyncResource } from 'node:async_hooks';
import { hub } from '../hub/hub.ts';
import type { TimerEntry } from '../hub/timers.ts';

type Callback = (...args: unknown[]) => unknown;

const { setImmediate, setTimeout, clearTimeout } = globalThis;
// Node reads a delay that is no number from 1 to 2^31 - 1 as 1.
const LONGEST = 2 ** 31 - 1;

const pending = new Set<VirtualTimeout>();
/** Those that are unref'd: they expire when time passes, and are no reason for it to. */
const background = new Set<VirtualTimeout>();
/** Timers by the number that stands for them, once one was asked for. */
const byNumber = new Map<number, VirtualTimeout>();
let lastNumber = 0;
let virtual = false;

/** What `setTimeout` and `setInterval` return under a virtual clock: as Node's Timeout. */
export class VirtualTimeout implements TimerEntry, Disposable {
  deadline = 0;
  heapIndex = -1;
  order = 0;
  readonly #callback: Callback;
  readonly #args: unknown[];
  readonly #repeat: boolean;
  readonly #delay: number;
  readonly #resource = new AsyncResource('Timeout', { requireManualDestroy: true });
  #referenced = true;
  #number = 0;
  #realTimer: NodeJS.Timeout | undefined;

  constructor(callback: Callback, delay: unknown, args: unknown[], repeat: boolean) {
    if (typeof callback !== 'function') {
      const message = `The "callback" argument must be of type function. Received ${String(callback)}`;
      throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    const ms = Math.trunc(Number(delay));
    this.#callback = callback;
    this.#args = args;
    this.#repeat = repeat;
    this.#delay = ms >= 1 && ms <= LONGEST ? ms : 1;
    this.refresh();
  }

  refresh(): this {
    this.#leave();
    pending.add(this);
    this.#enter(this.#delay);
    return this;
  }
  ref(): this {
    return this.#reference(true);
  }
  unref(): this {
    return this.#reference(false);
  }
  hasRef(): boolean {
    return this.#referenced;
  }
  close(): this {
    this.#leave();
    pending.delete(this);
    byNumber.delete(this.#number);
    return this;
  }
  [Symbol.dispose](): void {
    this.close();
  }
  [Symbol.toPrimitive](): number {
    if (this.#number === 0) this.#number = ++lastNumber;
    if (pending.has(this)) byNumber.set(this.#number, this);
    return this.#number;
  }

  /** Its time has come. The callback runs in a turn of its own: Node runs promise jobs between two timers. */
  expire(): void {
    background.delete(this);
    setImmediate(() => this.#run());
  }

  /** Virtual time ends, at `now`: what is left of the wait passes in real time. */
  becomeReal(now: number): void {
    if (this.#isVirtual) this.#move(Math.max(0, this.deadline - now));
  }

  #run(): void {
    if (!pending.has(this)) return; // cleared since it expired
    if (this.#repeat) this.#enter(this.#delay);
    else this.close();
    this.#resource.runInAsyncScope(this.#callback, this, ...this.#args);
  }

  #reference(referenced: boolean): this {
    this.#referenced = referenced;
    if (this.#isVirtual) this.#move(this.deadline - hub.timers.clock.now());
    else if (referenced) this.#realTimer?.ref();
    else this.#realTimer?.unref();
    return this;
  }

  /** Whether it waits in virtual time, the only one in which its deadline counts. */
  get #isVirtual(): boolean {
    return this.heapIndex !== -1 || background.has(this);
  }
  #move(left: number): void {
    this.#leave();
    this.#enter(left);
  }

  #enter(ms: number): void {
    this.deadline = hub.timers.clock.now() + ms;
    if (!virtual) {
      this.#realTimer = setTimeout(() => this.expire(), ms);
      if (!this.#referenced) this.#realTimer.unref();
    } else if (this.#referenced) {
      hub.timers.add(this, ms);
    } else {
      background.add(this);
    }
  }

  #leave(): void {
    hub.timers.remove(this);
    background.delete(this);
    clearTimeout(this.#realTimer);
    this.#realTimer = undefined;
  }
}

/** The virtual timer meant by `handle`, itself or its number. */
export function findVirtualTimeout(handle: unknown): VirtualTimeout | undefined {
  if (handle instanceof VirtualTimeout) return handle;
  return byNumber.get(Number(handle));
}

/** Virtual time begins, or ends at `now`. Those that have become real at the end of another clock stay so. */
export function makeVirtual(on: boolean, now: number): void {
  virtual = on;
  if (on) return;
  for (const timer of pending) timer.becomeReal(now);
}

/** When the first of the unref'd timers is due. */
export function nextInBackground(): number {
  let next = Number.POSITIVE_INFINITY;
  for (const { deadline } of background) next = Math.min(next, deadline);
  return next;
}

/** Lets the unref'd timers expire that are due at `time`. */
export function expireBackground(time: number): void {
  const due = [...background].filter((timer) => timer.deadline <= time);
  due.sort((a, b) => a.deadline - b.deadline);
  for (const timer of due) timer.expire();
}
