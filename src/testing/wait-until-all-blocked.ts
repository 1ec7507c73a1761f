import { engine } from '../engine/raw-greenlet.ts';
import { park } from '../hub/park.ts';
import type { QueueNode } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { type IdleWaiter, stopWaitingForIdle, whenIdle } from './idle.ts';

/** The process being idle, as something to park on. */
class Idle implements WaitSource, IdleWaiter {
  readonly rank = 0;
  readonly quiet = 0;
  #node: QueueNode | null = null;

  register(node: QueueNode): void {
    this.#node = node;
    whenIdle(this);
  }
  unregister(): void {
    this.#node = null;
    stopWaitingForIdle(this);
  }
  onIdle(): void {
    this.#node?.wake(undefined);
  }
}

/**
 * Waits until every other greenlet is blocked, and nothing is under way in the event loop that would wake one: what a
 * test has set going has come as far as it can. Under a `VirtualClock` it returns before time moves on. Several who
 * wait here return one after the other.
 *
 * @returns nothing; on the main stack, where nothing can block, a promise.
 * @example
 * const reader = spawn(() => queue.get());
 * waitUntilAllBlocked(); // the reader waits in get() now
 */
export function waitUntilAllBlocked(): void | Promise<void> {
  if (engine.current !== engine.main) {
    park(new Idle());
    return;
  }
  return new Promise((resolve) => whenIdle({ rank: 0, quiet: 0, onIdle: resolve }));
}
