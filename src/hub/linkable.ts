import { hub } from './hub.ts';
import { QueueNode } from './wait-queue.ts';
import type { WaitSource } from './waiter.ts';

/** The protocol of everything that `wait`, `waitReady`, `iwait` and `select` take. */
export const waitable: unique symbol = Symbol.for('greenlets.waitable');

/** On objects that can be waited for in several ways: what to call instead of `wait`, as text. */
export const notWaitable: unique symbol = Symbol.for('greenlets.notWaitable');

/** Something that becomes ready. `register` wakes a node at once if it is ready already. */
export interface Waitable<T = unknown> {
  readonly [waitable]: true;
  register(node: QueueNode): void;
  unregister(node: QueueNode): void;
  /** Once ready: what `wait` returns or throws. */
  outcome(): T;
  /** Called when somebody begins to wait: a failure will not go unseen. */
  observe?(): void;
}

export function isWaitable(value: unknown): value is Waitable {
  return typeof value === 'object' && value !== null && (value as Partial<Waitable>)[waitable] === true;
}

/** @throws {TypeError} for an object of ours that can be waited for in several ways; says which method to use. */
export function assertUnambiguous(object: unknown): void {
  const advice = (object as { [notWaitable]?: string } | null | undefined)?.[notWaitable];
  if (advice !== undefined) throw new TypeError(`cannot tell what to wait for: use ${advice}`);
}

/** Stands in the wait queue between waiters, so that all are served in the order they came. */
abstract class Link extends QueueNode {
  override fail(): boolean {
    return this.wake();
  }
  abstract override wake(): boolean;
  /** Nothing is called any more, even if it was woken already. */
  abstract cancel(): void;
}

/** A callback, called on the main stack. */
class HubLink extends Link {
  readonly #run: () => void;
  #cancelled = false;

  constructor(run: () => void) {
    super();
    this.#run = run;
  }
  override wake(): boolean {
    hub.schedule(() => {
      if (!this.#cancelled) this.#run();
    });
    return true;
  }
  override cancel(): void {
    this.#cancelled = true;
  }
}

/** A greenlet that is started, if it is wanted then. */
class GreenletLink extends Link {
  readonly #greenlet: Startable;
  readonly #wanted: () => boolean;

  constructor(greenlet: Startable, wanted: () => boolean) {
    super();
    this.#greenlet = greenlet;
    this.#wanted = wanted;
  }
  override wake(): boolean {
    if (this.#wanted()) this.#greenlet.start();
    return true;
  }
  override cancel(): void {
    this.#greenlet.throw();
  }
}

/** A greenlet, as links know it. */
export interface Startable {
  start(): void;
  throw(): void;
}

/** The links of one object, by callback. */
export class Links {
  readonly #queue: WaitSource;
  readonly #byKey = new Map<unknown, Set<Link>>();

  /** @param queue where links stand, between the waiters. */
  constructor(queue: WaitSource) {
    this.#queue = queue;
  }

  /** Calls `run` once, on the main stack: when the queue wakes it; soon, never inline, if that is at once. */
  add(key: unknown, run: () => void): void {
    const link = new HubLink(() => {
      this.#forget(key, link);
      run();
    });
    this.#register(key, link);
  }

  /**
   * Starts a greenlet that runs `run`, in its place among those whom the queue wakes.
   *
   * @param make makes the greenlet, which belongs to whoever links.
   */
  addGreenlet(key: unknown, make: (run: () => unknown) => Startable, run: () => unknown, wanted = always): void {
    const greenlet = make(() => {
      this.#forget(key, link);
      return run();
    });
    const link = new GreenletLink(greenlet, wanted);
    this.#register(key, link);
  }

  /** Removes every registration of `key` that was not called yet. */
  remove(key: unknown): void {
    const links = this.#byKey.get(key);
    if (links === undefined) return;
    this.#byKey.delete(key);
    for (const link of links) {
      this.#queue.unregister(link);
      link.cancel();
    }
  }

  #register(key: unknown, link: Link): void {
    const links = this.#byKey.get(key);
    if (links === undefined) this.#byKey.set(key, new Set([link]));
    else links.add(link);
    this.#queue.register(link);
  }

  #forget(key: unknown, link: Link): void {
    const links = this.#byKey.get(key);
    if (links?.delete(link) && links.size === 0) this.#byKey.delete(key);
  }
}

function always(): boolean {
  return true;
}
