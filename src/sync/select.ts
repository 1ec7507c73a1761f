import { inspect } from '../builtins.ts';
import { isWaitable, type Waitable } from '../hub/linkable.ts';
import { EXPIRED, enter, parkUntil, type TimeoutLike } from '../hub/park.ts';
import { follow, isPromise } from '../hub/promise-source.ts';
import { Timeout } from '../hub/timeout.ts';
import { unwrapRejection } from '../hub/wait-promise.ts';
import { QueueNode } from '../hub/wait-queue.ts';
import type { WaitSource } from '../hub/waiter.ts';
import { type Case, sourceOf } from './case.ts';

/** What `select` takes: a case of a queue or channel, an event, greenlet or other waitable, a promise. */
export type Selectable<T = unknown> = Case<T> | Waitable<T> | PromiseLike<T>;

type ValueOf<S> =
  S extends Case<infer T> ? T : S extends Waitable<infer T> ? T : S extends PromiseLike<infer T> ? T : never;

/** Which case took effect, and its value: the item got, undefined for a put, what `wait` gives for the others. */
export type Selected<Cases extends readonly Selectable[]> = {
  [I in keyof Cases & `${number}`]: {
    index: I extends `${infer N extends number}` ? N : never;
    value: ValueOf<Cases[I]>;
  };
}[keyof Cases & `${number}`];

/** When a source was last served, by its index among the cases: of several that are ready, the one longest ago is next. */
const served = new WeakMap<WaitSource, number[]>();
let clock = 0;

/**
 * Waits for several things at once; exactly one takes effect, and the others are left as if they had not been asked.
 * When several are ready, they take turns over repeated calls.
 *
 * @param cases `queue.onGet()`, `queue.onPut(item)`, events, greenlets, promises …
 * @returns the index of the case that took effect, and its value.
 * @throws {Timeout} if none took effect in time; {QueueShutDown} for a case of a queue that was shut down; what the
 * greenlet or promise of the case failed with.
 * @example
 * const { index, value } = select([jobs.onGet(), stop], 1000);
 */
export function select<const Cases extends readonly Selectable[]>(
  cases: Cases,
  timeout?: TimeoutLike,
): number extends Cases['length'] ? { index: number; value: ValueOf<Cases[number]> } : Selected<Cases>;
export function select(cases: readonly Selectable[], timeout?: TimeoutLike): { index: number; value: unknown } {
  const sources = checkCases(cases);
  const limit = enter(timeout);
  for (const object of cases) if (isWaitable(object)) object.observe?.();
  const choice = new Choice(cases, sources);
  if (parkUntil(choice, limit) === EXPIRED) throw Timeout.expired(limit as number);
  return choice.result();
}

function checkCases(cases: readonly Selectable[]): WaitSource[] {
  if (!Array.isArray(cases)) throw new TypeError(`expected an array of cases, got ${inspect(cases)}`);
  if (cases.length === 0) throw new TypeError('expected at least one case, got an empty array');
  return cases.map((object: unknown) => {
    const source = sourceOf(object);
    if (source !== undefined) return source;
    if (isWaitable(object)) return object;
    if (isPromise(object)) return follow(object);
    throw new TypeError(
      `cannot select on ${inspect(object, { depth: 0 })}: expected onGet(), onPut(item), an event, greenlet or promise`,
    );
  });
}

/** All cases of one call. */
class Choice implements WaitSource {
  readonly #cases: readonly Selectable[];
  readonly #sources: WaitSource[];
  readonly #nodes: CaseNode[] = [];
  #waiter: QueueNode | null = null;
  #served: CaseNode | null = null;

  constructor(cases: readonly Selectable[], sources: WaitSource[]) {
    this.#cases = cases;
    this.#sources = sources;
  }

  /** Asks one after the other, until one is ready; the one whose turn was longest ago comes first. */
  register(waiter: QueueNode): void {
    this.#waiter = waiter;
    const turns = this.#sources.map((source, index) => served.get(source)?.[index] ?? 0);
    const order = [...turns.keys()].sort((a, b) => (turns[a] as number) - (turns[b] as number));
    for (const index of order) {
      const node = new CaseNode(this, index, (this.#cases[index] as Partial<Case<unknown>>).item);
      this.#nodes.push(node);
      try {
        (this.#sources[index] as WaitSource).register(node);
      } catch (error) {
        node.fail(error); // the compare function of a PriorityQueue has thrown
      }
      if (this.#served !== null) return;
    }
  }

  unregister(): void {
    this.#waiter = null;
    for (const node of this.#nodes) {
      if (node !== this.#served) (this.#sources[node.index] as WaitSource).unregister(node);
    }
  }

  /** The first that is served; all others leave their queues at once. False if another was first. */
  serve(node: CaseNode): boolean {
    const waiter = this.#waiter;
    if (this.#served !== null || waiter === null) return false;
    this.#served = node;
    this.#noteTurn(node.index);
    this.unregister();
    return waiter.wake(undefined);
  }

  #noteTurn(index: number): void {
    const source = this.#sources[index] as WaitSource;
    const turns = served.get(source) ?? [];
    turns[index] = ++clock;
    served.set(source, turns);
  }

  result(): { index: number; value: unknown } {
    const { index, failed, value } = this.#served as CaseNode;
    const object: unknown = this.#cases[index];
    if (failed) throw unwrapRejection(value);
    return { index, value: isWaitable(object) ? object.outcome() : value };
  }
}

class CaseNode extends QueueNode {
  readonly index: number;
  override readonly group: Choice;
  failed = false;
  value: unknown = undefined;

  constructor(choice: Choice, index: number, item: unknown) {
    super(item);
    this.group = choice;
    this.index = index;
  }

  override wake(value: unknown): boolean {
    this.value = value;
    return this.group.serve(this);
  }
  override fail(error: unknown): boolean {
    this.failed = true;
    this.value = error;
    return this.group.serve(this);
  }
}
