import { checkpoint, park } from '../../hub/park.ts';
import type { QueueNode } from '../../hub/wait-queue.ts';
import type { WaitSource } from '../../hub/waiter.ts';
import type { AnyFunction } from './suspend.ts';

type Outcome = 'ok' | 'not-equal' | 'timed-out';
type Cells = Int32Array | BigInt64Array;
type WaitAsync = (...args: unknown[]) => { async: boolean; value: Outcome | Promise<Outcome> };

const { setInterval, clearInterval } = globalThis;
const { notify } = Atomics;
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };
/** A wait in V8 keeps no process alive; a blocked thread does. So a timer that never matters does it. */
const ALIVE = 2 ** 30;

/** What replaces `Atomics.wait`. */
export const suspendingAtomics: Record<string, AnyFunction> = {
  wait(cells: Cells, index: unknown, value: unknown, timeout: unknown): Outcome {
    checkpoint();
    const { value: outcome } = waitAsync(cells, index, value, timeout);
    return typeof outcome === 'string' ? outcome : (park(new AtomicWait(outcome, cells, Number(index))) as Outcome);
  },
};

class AtomicWait implements WaitSource {
  readonly #alive = setInterval(() => {}, ALIVE);
  #node: QueueNode | null = null;

  constructor(outcome: Promise<Outcome>, cells: Cells, index: number) {
    outcome.then((value) => {
      clearInterval(this.#alive);
      if (this.#node !== null) this.#node.wake(value);
      // V8 cannot take a waiter out: what was meant for one that has given up is handed on.
      else if (value === 'ok') notify(cells as Int32Array, index, 1);
    });
  }
  register(node: QueueNode): void {
    this.#node = node;
  }
  unregister(): void {
    this.#node = null;
    clearInterval(this.#alive);
  }
}
