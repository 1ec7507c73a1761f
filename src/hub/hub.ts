/**
 * The hub: who is ready, and when they run.
 *
 * It has no loop of its own. Its stack is the main stack, its loop is Node's: an event wakes greenlets, and the pump
 * resumes them one after the other, in the same turn of the loop, within a budget. A greenlet that blocks goes
 * straight to the next ready one; only the last goes back to the main stack.
 */
import { EventEmitter } from 'node:events';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { shared } from '../engine/shared.ts';
import { branded, GreenletExit } from '../errors.ts';
import { now } from './now.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from './park.ts';
import { RingBuffer } from './ring-buffer.ts';
import { Timers } from './timers.ts';
import { WaitQueue } from './wait-queue.ts';

const { setImmediate, setTimeout } = globalThis;
const RESOLVED = Promise.resolve();

/** How long greenlets may keep timers and I/O waiting, in ms; gevent's switch interval. */
const BUDGET = 5;
/** The clock is read once in so many resumptions. */
const CLOCK_EVERY = 16;
/** So often the event loop turns between two slices of greenlets that compute: it accepts one connection a turn, and what
 *  takes several turns to answer takes no more slices. An idle turn takes microseconds. */
const TURNS_A_SLICE = 16;
/** Memory of stacks is looked through so often, in ms, and what is given back meanwhile goes in parts. */
const TRIM_EVERY = 500;
const TRIM_PAUSE = 20;

/** Counters of the hub, see `Hub.stats`. The main greenlet counts nowhere. */
export interface HubStats {
  /** Switches between greenlets made so far. */
  switches: number;
  /** Greenlets started so far. */
  spawned: number;
  /** Those started, at once or for later, that have not ended. */
  alive: number;
  /** Those that only wait for their turn. */
  ready: number;
  /** Those that wait for something else. */
  blocked: number;
}

type Job = () => void;

/** Who is ready, in the order in which they run. */
export interface ReadyOrder {
  readonly size: number;
  push(item: RawGreenlet | Job): void;
  /** What `shift` will give. */
  peek(): RawGreenlet | Job | undefined;
  shift(): RawGreenlet | Job | undefined;
  /** Puts back what `shift` gave. */
  unshift(item: RawGreenlet | Job): void;
  [Symbol.iterator](): Iterator<RawGreenlet | Job>;
}

export class Hub extends EventEmitter {
  /** @internal */ readonly timers: Timers = new Timers(() => this.pumpNow());
  /** @internal Greenlets started and not ended. */ alive = 0;
  /** @internal */ spawned = 0;
  /** @internal Greenlets ended by force so far. */ forcedEnds = 0;
  /** @internal */ switches = 0;
  /** @internal A coarse clock that costs nothing to read: ms, as an int32, when a pump last noticed a new turn. */ time = 0;

  #ready: ReadyOrder = new RingBuffer<RawGreenlet | Job>();
  /** Greenlets that compute and were interrupted: one of them runs after so many turns of the event loop. */
  readonly #preempted = new RingBuffer<RawGreenlet>();
  readonly #joiners = new WaitQueue();
  /** The clock of the budget, where a test has set one. */
  #clock: (() => number) | null = null;
  readonly #loopTime = engine.native.loopTime;
  #pumping = false;
  #due = false;
  /** An event wakes greenlets and will run them itself. */
  #inEvent = false;
  /** When the first pump of this turn of the event loop began: ms, as an int32. */
  #turnBegan = 0;
  #sinceClock = 0;
  #exhausted = false;
  #turnsToSlice = 0;
  #preemptedMayRun = false;
  #trimmer: NodeJS.Timeout | undefined;

  constructor() {
    super();
    engine.onStart = (debugged) => {
      if (debugged || process.env.GREENLETS_TRACK === '1') this.trackSpawns = true;
    };
    engine.onTermination = (next) => this.#recover(next as RawGreenlet);
    // The end of a pump looks for joiners; main may have switched to that greenlet by hand.
    engine.onLastRawEnd = () => {
      if (this.#joiners.size > 0) this.schedule(() => {});
    };
  }

  /**
   * While true, each greenlet remembers where it was spawned (`greenlet.spawnStack`, and the stacks of errors show it),
   * and its CPU time is measured (`greenlet.cpuTime`). That costs more than a spawn and a switch themselves. False at
   * first, unless `GREENLETS_TRACK=1` is set or an inspector is open.
   */
  get trackSpawns(): boolean {
    engine.start();
    return engine.tracksSpawns;
  }
  set trackSpawns(on: boolean) {
    engine.start();
    engine.tracksSpawns = on;
    engine.measureCpu(on);
  }

  /** A snapshot of the counters. */
  get stats(): HubStats {
    return {
      switches: this.switches,
      spawned: this.spawned,
      alive: this.living().size,
      ready: [...this.#ready, ...this.#preempted].filter((item) => typeof item !== 'function' && !item.finished).length,
      blocked: this.blocked().length,
    };
  }

  /**
   * Waits until no greenlet is left but the caller, and others that wait here: neither one that runs or waits, nor one
   * that is to start later.
   *
   * @returns false if the time was over first.
   */
  join(timeout?: TimeoutLike): boolean {
    const limit = enter(timeout);
    const self = engine.current === engine.main ? 0 : 1;
    if (this.#ready.size === 0 && this.#left() === self) return true;
    return parkUntil(this.#joiners, limit) !== EXPIRED;
  }

  #left(): number {
    return this.alive + engine.rawAlive - this.#joiners.size;
  }

  /** @internal All greenlets that are suspended and not about to run. */
  blocked(): RawGreenlet[] {
    const all = [...engine.owners()] as RawGreenlet[];
    return all.filter((greenlet) => !greenlet.queued && greenlet !== engine.current);
  }

  /** @internal All greenlets that were started in some way and have not ended; not the main one. In no order. */
  living(): Set<RawGreenlet> {
    const all = new Set(engine.owners() as Iterable<RawGreenlet>);
    for (const item of this.#ready) if (typeof item !== 'function') all.add(item);
    for (const { greenlet } of this.timers) if (greenlet !== undefined) all.add(greenlet);
    for (const greenlet of all) if (greenlet.finished) all.delete(greenlet);
    all.delete(engine.main as RawGreenlet);
    return all;
  }

  /** @internal How many greenlets and jobs are ready. */
  get readySize(): number {
    return this.#ready.size + this.#preempted.size;
  }

  /** @internal True if the running greenlet may go on at once: nobody is ready, nor is it the event loop's turn. */
  nobodyElseIsReady(): boolean {
    this.#checkBudget();
    return this.#ready.size === 0 && !this.#exhausted;
  }

  /** @internal For tests: another order in which to run what is ready, and another clock for the budget. */
  scheduleBy(order: ReadyOrder = new RingBuffer<RawGreenlet | Job>(), clock: (() => number) | null = null): void {
    for (let item = this.#ready.shift(); item !== undefined; item = this.#ready.shift()) order.push(item);
    this.#ready = order;
    this.#clock = clock;
    this.#turnBegan = this.#now();
  }

  /** @internal Milliseconds since `time` read so. Right up to 24 days. */
  since(time: number): number {
    return ((now() | 0) - time) | 0;
  }

  /** @internal Puts a greenlet at the end of the ready queue. */
  makeReady(greenlet: RawGreenlet): void {
    if (greenlet.queued) return;
    greenlet.queued = true;
    this.#ready.push(greenlet);
    if (!this.#pumping && !this.#inEvent) this.#schedulePump();
  }

  /** @internal Calls `job` on the main stack, in its turn among the ready greenlets. It must not block. */
  schedule(job: Job): void {
    this.#ready.push(job);
    if (!this.#pumping) this.#schedulePump();
  }

  /** @internal An event begins to wake greenlets: it calls `pumpNow` when it has, whatever happens. */
  beginEvent(): void {
    this.#inEvent = true;
  }

  /** @internal Runs ready greenlets right now, where the caller is an event on the bare main stack. */
  pumpNow(): void {
    this.#inEvent = false;
    if (this.#pumping || this.#ready.size === 0) return;
    if (engine.current === engine.main && !this.#exhausted) this.#pump();
    else this.#schedulePump();
  }

  /**
   * @internal Leaves the running greenlet: for the next ready one, or for the main stack. Returns when it is resumed.
   *
   * @throws {BlockingSwitchOutError} if its stack must not be left now; nothing has happened then.
   */
  switchOut(): void {
    const next = this.#nextToResume();
    if (next === engine.current) return;
    this.switches++;
    try {
      engine.transfer(next ?? engine.main);
    } catch (error) {
      if (next !== null) this.#putBack(next);
      throw error;
    }
    if (engine.throwing) engine.raise(); // by a tracer: nothing else throws into a greenlet that waits in the hub
  }

  /** @internal The running greenlet has computed for long enough: the event loop, and all that is ready, go first. */
  preempt(): void {
    const greenlet = engine.current as RawGreenlet;
    greenlet.queued = true;
    this.#preempted.push(greenlet);
    this.#turnsToSlice = TURNS_A_SLICE;
    this.#exhausted = true;
    try {
      this.switchOut();
    } finally {
      greenlet.queued = false;
    }
  }

  /** @internal Who runs when a greenlet has ended. */
  afterEnd(): RawGreenlet {
    this.switches++;
    return this.#takeNext() ?? (engine.main as RawGreenlet);
  }

  /** @internal Reports an error that nobody has observed: to the listeners of `error`, else as an uncaught exception. */
  report(greenlet: RawGreenlet, error: unknown): void {
    if (this.listenerCount('error') > 0) {
      try {
        this.emit('error', greenlet, error);
        return;
      } catch (failure) {
        setImmediate(() => {
          throw failure;
        });
      }
    }
    setImmediate(() => {
      throw error;
    });
  }

  /** @internal Keeps memory of suspended stacks in check while greenlets exist. */
  watchMemory(): void {
    this.#trimmer ??= setTimeout(this.#trim, TRIM_EVERY).unref();
  }

  readonly #trim = (): void => {
    const left = engine.native.trim();
    const pause = left === 2 ? TRIM_PAUSE : TRIM_EVERY;
    this.#trimmer = left > 0 || this.alive > 0 ? setTimeout(this.#trim, pause).unref() : undefined;
  };

  #schedulePump(): void {
    if (this.#due) return;
    this.#due = true;
    if (this.#exhausted) setImmediate(this.#onImmediate);
    else RESOLVED.then(this.#onMicrotask);
  }

  readonly #onMicrotask = (): void => {
    this.#due = false;
    if (!this.#pumping && engine.current === engine.main) this.#pump();
    else if (!this.#pumping && this.#ready.size > 0) {
      this.#due = true;
      setImmediate(this.#onImmediate);
    }
  };

  readonly #onImmediate = (): void => {
    this.#due = false;
    this.#turnBegan = this.#now();
    this.#exhausted = false;
    this.#preemptedMayRun = --this.#turnsToSlice <= 0;
    if (!this.#pumping && engine.current === engine.main) this.#pump();
  };

  #pump(): void {
    this.#pumping = true;
    this.#noticeTurn();
    try {
      for (let next = this.#next(); next !== null; next = this.#next()) {
        this.switches++;
        engine.transfer(next);
        if (engine.throwing) this.#reportRaw();
      }
      if (engine.throwing) this.#reportRaw();
    } finally {
      this.#pumping = false;
    }
    engine.backToLoop();
    this.#exhausted ||= this.#preempted.size > 0;
    if (this.readySize > 0) this.#schedulePump();
    else if (this.#joiners.size > 0 && this.#left() === 0) this.#joiners.wakeAll(true);
  }

  /** Whom the pump resumes next. */
  #next(): RawGreenlet | null {
    const next = this.#nextToResume();
    if (next !== null || !this.#preemptedMayRun) return next;
    this.#preemptedMayRun = false;
    const preempted = this.#preempted.shift();
    return preempted?.queued ? preempted : null;
  }

  /** As `#takeNext`; one that gets no stack to begin on has failed with that, and the one after it is taken. */
  #nextToResume(): RawGreenlet | null {
    let next = this.#takeNext();
    while (next !== null && next.coroutine === 0 && next !== engine.main) {
      const failure = engine.prepare(next);
      if (failure === null) return next;
      next = next.ended(true, failure) as RawGreenlet;
    }
    return next === engine.main ? null : next;
  }

  /** A termination that nobody here asked for ends all that is on the main stack, and V8 drops the promise jobs that
   *  are due: greenlets go on in the next turn. */
  #recover(next: RawGreenlet): void {
    this.#pumping = false;
    this.#due = true;
    if (next !== engine.main && !next.queued) this.#putBack(next);
    setImmediate(this.#onImmediate);
  }

  #putBack(greenlet: RawGreenlet): void {
    greenlet.queued = true;
    this.#ready.unshift(greenlet);
    if (!this.#pumping) this.#schedulePump();
  }

  /** The next ready greenlet; null if there is none, or if the main stack must have its turn first. */
  #takeNext(): RawGreenlet | null {
    this.#checkBudget();
    const onMain = engine.current === engine.main;
    while (!this.#exhausted) {
      const next = this.#ready.peek();
      if (next === undefined) return null;
      if (typeof next === 'function') {
        if (!onMain) return null;
        this.#ready.shift();
        this.#runJob(next);
        this.#checkBudget();
        continue;
      }
      this.#ready.shift();
      next.queued = false;
      if (!next.finished) return next;
    }
    return null;
  }

  /** The event loop's own clock stands still during a turn: only where it has moved is a new one worth a look. */
  #noticeTurn(): void {
    const time = this.#loopTime[0] as number;
    if (time === this.time) return;
    this.time = time;
    if (this.#clock === null) this.#turnBegan = this.#now();
  }

  /** Ms, as an int32. */
  #now(): number {
    return (this.#clock === null ? now() : this.#clock()) | 0;
  }

  #checkBudget(): void {
    if (++this.#sinceClock < CLOCK_EVERY) return;
    this.#sinceClock = 0;
    this.#exhausted ||= ((this.#now() - this.#turnBegan) | 0) >= BUDGET;
  }

  #runJob(job: Job): void {
    try {
      job();
    } catch (error) {
      this.report(engine.main as RawGreenlet, error);
    }
  }

  /** A raw greenlet, whose parent is the main one, has failed. */
  #reportRaw(): void {
    engine.throwing = false;
    const [error] = engine.args;
    if (!(error instanceof GreenletExit)) this.report(engine.main as RawGreenlet, error);
  }
}

branded(Hub, 'Hub');

/** The one hub of this thread. */
export const hub: Hub = shared('hub', () => new Hub());

/** The hub of this thread. */
export function getHub(): Hub {
  return hub;
}
