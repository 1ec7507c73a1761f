/**
 * The handlers of one server: each call of `handle` in a greenlet of its own, as many at a time as the pool allows.
 *
 *   serve() ──room──> running ──> ended
 *      │ └─no room──> waiting ──room──┘
 *      └── too many wait: turned away
 */
import { inspect } from '../builtins.ts';
import { engine } from '../engine/raw-greenlet.ts';
import { GreenletExit } from '../errors.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { EXPIRED, type Limit, parkUntil } from '../hub/park.ts';
import { Roster } from '../hub/roster.ts';
import { spawn } from '../hub/spawn.ts';
import { WaitQueue } from '../hub/wait-queue.ts';
import { Pool } from '../sync/pool.ts';

/** How a server starts handlers: all at once, at most so many at a time, or in a pool shared with others. */
export type SpawnPolicy = Pool | number | 'default';

/** One call of a server's `handle`. */
export abstract class Job extends Greenlet<void> {
  /** @internal On the roster of its handlers. */ place = -1;
  /** @internal */ handlers: Handlers | null = null;

  constructor() {
    super(workOfCurrent);
  }

  /** @internal Does the work. Throws nothing but a GreenletExit. */
  abstract work(): void;
  /** Called when it has ended in any way, even if it never began. Must neither block nor throw. */
  protected left(): void {}

  protected override settled(): void {
    this.left();
    this.handlers?.forget(this);
  }
}

function workOfCurrent(): void {
  (engine.current as Job).work();
}

export class Handlers {
  readonly #pool: Pool | null;
  readonly #backlog: number;
  readonly #onIdle: () => void;
  /** All that run or wait. */
  readonly #jobs = new Roster<Job>();
  readonly #waiting: Job[] = [];
  /** Moves jobs from waiting to running while there are any that wait. */
  #dispatcher: Greenlet | null = null;
  readonly #joiners = new WaitQueue();
  /** Handlers that are in `join` themselves: nobody waits for them. */
  readonly #insiders = new Set<Job>();

  /**
   * @param backlog how many jobs may wait for room.
   * @param onIdle called when the last job has ended.
   */
  constructor(policy: SpawnPolicy, backlog: number, onIdle: () => void) {
    this.#pool = toPool(policy);
    this.#backlog = backlog;
    this.#onIdle = onIdle;
  }

  /** How many run or wait. */
  get size(): number {
    return this.#jobs.size;
  }
  /** True if `join` would have to wait. */
  get busy(): boolean {
    return this.#jobs.size > this.#insiders.size + (this.#isInsider() ? 1 : 0);
  }

  /** Starts `job`, or lets it wait for room. False if too many wait; nothing has happened then. */
  serve(job: Job): boolean {
    const pool = this.#pool;
    const waits = pool !== null && (pool.full || this.#waiting.length > 0);
    if (waits && this.#waiting.length >= this.#backlog) return false;
    job.handlers = this;
    this.#jobs.add(job);
    if (pool === null) job.start();
    else if (!waits) begin(job, pool);
    else {
      this.#waiting.push(job);
      this.#dispatcher ??= spawn(() => this.#dispatch(pool));
    }
    return true;
  }

  /** Waits until all have ended, but for those that wait here. False if the time was over first. */
  join(limit: Limit): boolean {
    if (!this.busy) return true;
    const self = this.#isInsider() ? (engine.current as Job) : null;
    if (self !== null) this.#insiders.add(self);
    try {
      this.#wakeJoiners();
      return parkUntil(this.#joiners, limit) !== EXPIRED;
    } finally {
      if (self !== null) this.#insiders.delete(self);
    }
  }

  /** Kills all but those in `join`, persistently; waits for nothing. */
  kill(): void {
    const exit = new GreenletExit('the server was stopped');
    for (const job of this.#jobs) {
      if (job === engine.current || this.#insiders.has(job)) continue;
      job.kill(exit, { block: false, persistent: true });
    }
    this.#dispatcher?.kill(exit, { block: false });
  }

  /** @internal `job` has ended. */
  forget(job: Job): void {
    this.#jobs.delete(job);
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    this.#wakeJoiners();
    if (this.#jobs.size === 0) this.#onIdle();
  }

  #isInsider(): boolean {
    const current = engine.current as Job;
    return this.#jobs.has(current) && !this.#insiders.has(current);
  }

  #wakeJoiners(): void {
    if (this.#jobs.size === this.#insiders.size) this.#joiners.wakeAll(true);
  }

  #dispatch(pool: Pool): void {
    try {
      for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
        begin(job, pool); // a job that ends while it waits has left #waiting by itself
        if (this.#waiting[0] === job) this.#waiting.shift();
      }
    } finally {
      this.#dispatcher = null;
    }
  }
}

/** A pool may refuse: that is the failure of the greenlet then, and reported as such. */
function begin(job: Job, pool: Pool): void {
  try {
    pool.start(job);
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    job.kill(error, { block: false });
  }
}

function toPool(policy: SpawnPolicy): Pool | null {
  if (policy === 'default') return null;
  if (policy instanceof Pool) return policy;
  if (typeof policy !== 'number') {
    throw new TypeError(`spawn must be a Pool, a number or 'default', got ${inspect(policy)}`);
  }
  if (!Number.isInteger(policy) || policy < 1) throw new RangeError(`spawn must be 1 or more, got ${policy}`);
  return new Pool(policy);
}
