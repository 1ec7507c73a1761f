import { RawGreenlet } from '../engine/raw-greenlet.ts';
import { assertFunction } from '../hub/check.ts';
import { hub, type ReadyOrder } from '../hub/hub.ts';
import { Random } from './random.ts';
import { runAnywhere } from './run-anywhere.ts';
import { installedClock, VirtualClock } from './virtual-clock.ts';

type Ready = Parameters<ReadyOrder['push']>[0];

/** Milliseconds that a resumption counts against the hub's budget: real time would let chance in. */
const COST = 0.05;

/** Runs ready greenlets in an order drawn from `random`; jobs of the hub keep their order among themselves. */
class DrawnOrder implements ReadyOrder {
  readonly #random: Random;
  readonly #onDraw: (greenlet: RawGreenlet) => void;
  readonly #items: Ready[] = [];
  /** Index of the one drawn and not taken; -1 = none. */
  #drawn = -1;

  constructor(random: Random, onDraw: (greenlet: RawGreenlet) => void) {
    this.#random = random;
    this.#onDraw = onDraw;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: Ready): void {
    this.#items.push(item);
  }

  peek(): Ready | undefined {
    if (this.#items.length === 0) return undefined;
    if (this.#drawn === -1) this.#drawn = this.#draw();
    return this.#items[this.#drawn];
  }

  shift(): Ready | undefined {
    const item = this.peek();
    if (item === undefined) return undefined;
    this.#items.splice(this.#drawn, 1);
    this.#drawn = -1;
    if (item instanceof RawGreenlet) this.#onDraw(item);
    return item;
  }

  unshift(item: Ready): void {
    this.#items.unshift(item);
    this.#drawn = 0;
  }

  [Symbol.iterator](): Iterator<Ready> {
    return this.#items.values();
  }

  #draw(): number {
    const index = this.#items.length === 1 ? 0 : this.#random.below(this.#items.length);
    if (this.#items[index] instanceof RawGreenlet) return index;
    return this.#items.findIndex((item) => !(item instanceof RawGreenlet));
  }
}

let installed: DeterministicScheduler | null = null;

/**
 * Runs greenlets in an order drawn from `seed` instead of first in, first out, and in virtual time: the same seed gives
 * the same interleaving, another seed probably another. What comes from outside the process (I/O) is not under its
 * control.
 *
 * It is in force from its construction. One is at a time: a new one takes over. It brings a `VirtualClock` with it.
 *
 * @example
 * using scheduler = new DeterministicScheduler(42);
 * joinAll(accounts.map((account) => spawn(transfer, account)));
 */
export class DeterministicScheduler implements Disposable {
  readonly seed: number;
  /** The time it runs in: a clock of its own, or the one that was installed before. */
  readonly clock: VirtualClock;
  readonly #ownsClock: boolean;
  /** Names of the greenlets in the order in which they were resumed; of the last thousand resumptions. */
  readonly history: string[] = [];
  #random: Random;

  /** @throws {TypeError} if `seed` is no integer. */
  constructor(seed: number) {
    this.seed = seed;
    this.#random = new Random(seed);
    installed?.uninstall();
    const before = installedClock();
    this.#ownsClock = before === null;
    this.clock = before ?? new VirtualClock();
    this.install();
  }

  /** Puts it in force, from the start of its sequence; a new one is so already. */
  install(): void {
    if (installed === this) return;
    installed?.uninstall();
    installed = this;
    this.clock.install();
    this.#random = new Random(this.seed);
    this.history.length = 0;
    let spent = 0;
    hub.scheduleBy(new DrawnOrder(this.#random, (greenlet) => this.#note(greenlet)), () => (spent += COST));
  }

  /** Gives the usual order and real time back. Nothing happens if it is not in force. */
  uninstall(): void {
    if (installed !== this) return;
    installed = null;
    hub.scheduleBy();
    if (this.#ownsClock) this.clock.uninstall();
  }

  [Symbol.dispose](): void {
    this.uninstall();
  }

  /**
   * Runs `fn` under this scheduler, from the start of its sequence, and uninstalls it.
   *
   * @returns what `fn` returns; on the main stack, where nothing can block, a promise of it: `fn` runs in a greenlet then.
   */
  run<T>(fn: () => T): T | Promise<Awaited<T>> {
    assertFunction(fn);
    this.uninstall();
    this.install();
    return runAnywhere(fn, () => this.uninstall());
  }

  /** @internal Whether another greenlet may run here, as the seed has it. */
  flip(): boolean {
    return this.#random.below(2) === 1;
  }

  #note(greenlet: RawGreenlet): void {
    if (this.history.length === 1000) this.history.shift();
    this.history.push((greenlet as { name?: string }).name ?? 'a raw greenlet');
  }
}
