/**
 * The handlers of one server: each call of `handle` in a greenlet of its own, as many at a time as the pool allows.
 *
 *   serve() ──room──> running ──> ended
 *      │ └─no room──> waiting ──room──┘
 *      └── too many wait: turned away
 */
import { inspect } from 'node:util';
import { engine, type RawGreenlet } from '../engine/raw-greenlet.ts';
import { GreenletExit } from '../errors.ts';
import { Greenlet } from '../hub/greenlet.ts';
import { EXPIRED, type Limit, parkUntil } from '../hub/park.ts';
import { spawn } from '../hub/spawn.ts';
import { QueueNode, WaitQueue } from '../hub/wait-queue.ts';
import { Pool } from '../sync/pool.ts';

/** How a server starts handlers: all at once, at most so many at a time, or in a pool shared with others. */
export type SpawnPolicy = Pool | number | 'default';

/** One call of a server's `handle`. */
export abstract class Job extends QueueNode {
  readonly greenlet: Greenlet = new Greenlet(() => this.run());
  /** @internal */ handlers: Handlers | null = null;

  /** Does the work, in the greenlet. Throws nothing but a GreenletExit. */
  protected abstract run(): void;
  /** Called when the greenlet has ended in any way, even if it never began. Must neither block nor throw. */
  protected ended(): void {}

  override wake(): boolean {
    this.ended();
    this.handlers?.forget(this);
    return true;
  }
  override fail(): boolean {
    return this.wake();
  }
}

export class Handlers {
  readonly #pool: Pool | null;
  readonly #backlog: number;
  readonly #onIdle: () => void;
  /** All that run or wait. */
  readonly #jobs = new Map<RawGreenlet, Job>();
  readonly #waiting: Job[] = [];
  /** Moves jobs from waiting to running while there are any that wait. */
  #dispatcher: Greenlet | null = null;
  readonly #joiners = new WaitQueue();
  /** Handlers that are in `join` themselves: nobody waits for them. */
  readonly #insiders = new Set<RawGreenlet>();

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
    const { greenlet } = job;
    job.handlers = this;
    this.#jobs.set(greenlet, job);
    greenlet.register(job);
    if (pool === null) greenlet.start();
    else if (!waits) begin(greenlet, pool);
    else {
      this.#waiting.push(job);
      this.#dispatcher ??= spawn(() => this.#dispatch(pool));
    }
    return true;
  }

  /** Waits until all have ended, but for those that wait here. False if the time was over first. */
  join(limit: Limit): boolean {
    if (!this.busy) return true;
    const self = this.#isInsider() ? (engine.current as RawGreenlet) : null;
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
    for (const greenlet of [...this.#jobs.keys()] as Greenlet[]) {
      if (greenlet === engine.current || this.#insiders.has(greenlet)) continue;
      greenlet.kill(exit, { block: false, persistent: true });
    }
    this.#dispatcher?.kill(exit, { block: false });
  }

  /** @internal `job` has ended. */
  forget(job: Job): void {
    this.#jobs.delete(job.greenlet);
    const index = this.#waiting.indexOf(job);
    if (index !== -1) this.#waiting.splice(index, 1);
    this.#wakeJoiners();
    if (this.#jobs.size === 0) this.#onIdle();
  }

  #isInsider(): boolean {
    const current = engine.current as RawGreenlet;
    return this.#jobs.has(current) && !this.#insiders.has(current);
  }

  #wakeJoiners(): void {
    if (this.#jobs.size === this.#insiders.size) this.#joiners.wakeAll(true);
  }

  #dispatch(pool: Pool): void {
    try {
      for (let job = this.#waiting[0]; job !== undefined; job = this.#waiting[0]) {
        begin(job.greenlet, pool); // a job that ends while it waits has left #waiting by itself
        if (this.#waiting[0] === job) this.#waiting.shift();
      }
    } finally {
      this.#dispatcher = null;
    }
  }
}

/** A pool may refuse: that is the failure of the greenlet then, and reported as such. */
function begin(greenlet: Greenlet, pool: Pool): void {
  try {
    pool.start(greenlet);
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    greenlet.kill(error, { block: false });
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
