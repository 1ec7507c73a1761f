/**
 * The wait queue: on it, and on nothing else, rest all events, locks, queues, links and joins of this package.
 *
 * Order. First in, first out: whoever began to wait first is served first.
 *
 * Hand-over. What is given is given directly: `shift()` takes the first node out, and `wake(value)` makes the value
 * its own. From then on it is out of everybody else's reach, whatever is killed, timed out or shut down before the
 * woken greenlet runs. There is no barging: an item, a permit or a slot never lies free while somebody waits for it.
 *
 * Cancellation. A node leaves the queue in O(1), from any place, the moment its wait is cut short by a kill or by its
 * own timeout; what is given afterwards goes to the next node. A `Timeout` object is different in one point:
 * its waiter keeps its place until the greenlet runs, since a fired `Timeout` may still be cancelled; what
 * is handed over in between counts as having come in time, and the error waits for the next blocking call.
 *
 * Not promised. Waking schedules, it does not run: the woken greenlet runs after all those that were ready before.
 * Order between two queues is not defined.
 *
 * Sources. Hand-over and cancellation follow trio's ParkingLot and Go's channels (`runtime/chan.go`, sudog queues);
 * links that share the queue with waiters, so that callbacks and joins keep one order, are gevent's AbstractLinkable.
 */

/** One who stands in a queue: a parked greenlet, a case of a select, or a link. */
export abstract class QueueNode {
  prev: QueueNode | null = null;
  next: QueueNode | null = null;
  queue: WaitQueue | null = null;
  /** What it brings (a putter's item), or what it came for. */
  readonly item: unknown;

  constructor(item?: unknown) {
    this.item = item;
  }

  /** Nodes of one select stand for one caller: they are never matched with each other. */
  declare readonly group: object | null;
  static {
    Object.defineProperty(QueueNode.prototype, 'group', { value: null, writable: true });
  }

  /** Makes `value` this node's own. False if it has been served already; the value is still the caller's then. */
  abstract wake(value: unknown): boolean;
  /** As `wake`, with an error. */
  abstract fail(error: unknown): boolean;
}

export class WaitQueue {
  #first: QueueNode | null = null;
  #last: QueueNode | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }
  get first(): QueueNode | null {
    return this.#first;
  }

  /** Puts `node`, which must stand in no queue, at the end. */
  register(node: QueueNode): void {
    node.queue = this;
    node.prev = this.#last;
    node.next = null;
    if (this.#last === null) this.#first = node;
    else this.#last.next = node;
    this.#last = node;
    this.#size++;
  }

  /** Takes `node` out; nothing happens if it does not stand here. */
  unregister(node: QueueNode): void {
    if (node.queue !== this) return;
    node.queue = null;
    if (node.prev === null) this.#first = node.next;
    else node.prev.next = node.next;
    if (node.next === null) this.#last = node.prev;
    else node.next.prev = node.prev;
    node.prev = null;
    node.next = null;
    this.#size--;
  }

  /** Takes the first node out, the first that `other` can be matched with; null if nobody waits. */
  shift(other?: QueueNode): QueueNode | null {
    let node = this.#first;
    while (node !== null && node.group !== null && node.group === other?.group) node = node.next;
    if (node !== null) this.unregister(node);
    return node;
  }

  /** Hands `value` to the first that takes it. False if nobody did. */
  wakeOne(value: unknown): boolean {
    for (let node = this.shift(); node !== null; node = this.shift()) {
      if (node.wake(value)) return true;
    }
    return false;
  }

  /** Wakes all that wait now, in order. */
  wakeAll(value: unknown): void {
    for (let left = this.#size; left > 0; left--) this.shift()?.wake(value);
  }

  /** Raises `error` in all that wait now, in order. */
  failAll(error: unknown): void {
    for (let left = this.#size; left > 0; left--) this.shift()?.fail(error);
  }

  /** All that wait, in order. */
  *[Symbol.iterator](): IterableIterator<QueueNode> {
    for (let node = this.#first; node !== null; node = node.next) yield node;
  }
}
