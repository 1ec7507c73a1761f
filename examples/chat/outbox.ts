/** What waits to be sent to one client. */
import { Queue } from 'greenlets';
import type { Event } from './protocol.ts';

const CAPACITY = 256;

/**
 * A slow reader must not slow its room, and must not fill the memory either. So its outbox is bounded, and once it is full,
 * what the room distributes is skipped until all that waits has been sent. Then the client is told how much it has missed;
 * it can ask for the history after the last message that it has seen.
 */
export class Outbox implements Iterable<string> {
  readonly #queue = new Queue<string>(CAPACITY);
  #skipped = 0;

  /** Takes what is for everyone, or skips it. Never waits. */
  offer(text: string): void {
    if (this.#skipped > 0 || this.#queue.full) this.#skipped++;
    else this.#queue.putNowait(text);
  }

  /** Takes an answer to the client's own request; waits for room. */
  put(event: Event): void {
    this.#queue.put(JSON.stringify(event));
  }

  /** Nothing is taken any more. */
  close(): void {
    this.#queue.shutdown();
  }

  /** What is to be sent, until it is closed; waits for each. */
  *[Symbol.iterator](): IterableIterator<string> {
    for (const text of this.#queue) {
      yield text;
      if (this.#skipped === 0 || !this.#queue.empty) continue;
      const skipped: Event = { type: 'skipped', count: this.#skipped };
      this.#skipped = 0;
      yield JSON.stringify(skipped);
    }
  }
}
