/**
 * What Node knows of "who runs now" (async ids and resources), kept right across stack switches.
 *
 * Node keeps one stack of entries a thread. The main stack's entries never move; above them lies the segment
 * of the one running greenlet. The departing side takes its segment off and puts the target's on, so that a direct
 * greenlet-to-greenlet switch needs no special case. Nearly always a segment is its base entry alone: that path is
 * a handful of typed-array writes.
 */
import { AsyncResource } from 'node:async_hooks';
import { type Domains, loadedDomains } from './domains.ts';
import { acquireHookEmitters, type HookEmitters, type NodeAsyncState } from './node-async-state.ts';

/** One greenlet's share of Node's async state. */
export interface AsyncIdentity {
  asyncId: number;
  triggerId: number;
  /** What `executionAsyncResource()` gives inside; stores of AsyncLocalStorage hang on it in Node 20 and 22. */
  resource: object;
  /** Entries above the base entry while suspended: id, trigger, resource, …, innermost first. */
  segment: unknown[] | null;
  /** Keeps the segment too, for whoever unwinds the stack if this greenlet is collected. */
  readonly remains: { segment: unknown[] | null } | null;
  /** Length of the main stack's part when this greenlet was resumed last. */
  base: number;
  /** Node's default trigger id while suspended; -1 = none. */
  defaultTrigger: number;
  /** Domains entered while suspended; null = the spawner's. */
  domains: unknown[] | null;
}

export class AsyncIds {
  readonly #state: NodeAsyncState;
  #mainDefaultTrigger = -1;
  #mainDomains: unknown[] | null = null;
  #emitters: HookEmitters | null = null;
  #strictness: number | null = null;

  readonly #atomically: (hook: () => void) => void;

  /** @param atomically runs a function in which no stack can be left. */
  constructor(state: NodeAsyncState, atomically: (hook: () => void) => void) {
    this.#state = state;
    this.#atomically = atomically;
  }

  /** Gives a new greenlet, which is its own resource so far, its ids; a real AsyncResource only where hooks would see it. */
  identify(identity: AsyncIdentity): void {
    const { fields, ids, kInit, kIdCounter } = this.#state;
    if (fields[kInit] !== 0) {
      this.#emitters ??= acquireHookEmitters();
      const resource = new AsyncResource('Greenlet');
      identity.asyncId = resource.asyncId();
      identity.triggerId = resource.triggerAsyncId();
      identity.resource = resource;
    } else {
      identity.triggerId = ids[0] as number;
      identity.asyncId = (ids[kIdCounter] as number) + 1;
      ids[kIdCounter] = identity.asyncId;
    }
  }

  /** The greenlet has ended and left: its `destroy` hooks may run. */
  retire(identity: AsyncIdentity): void {
    if (identity.resource instanceof AsyncResource) identity.resource.emitDestroy();
  }

  /** True if the greenlet that runs now is inside a nested scope: a callback scope of Node, or `runInAsyncScope`. */
  nested(current: AsyncIdentity): boolean {
    return this.#state.fields[this.#state.kStackLength] !== current.base + 1;
  }

  /** The main stack is about to be suspended. */
  leaveMain(): void {
    const { fields, ids, kAfter, kDefaultTrigger } = this.#state;
    if (fields[kAfter] !== 0) this.#mainDomains = loadedDomains()?.take() ?? null;
    if (ids[kDefaultTrigger] !== -1) {
      this.#mainDefaultTrigger = ids[kDefaultTrigger] as number;
      ids[kDefaultTrigger] = -1;
    }
  }

  /** The main stack is about to be resumed. */
  enterMain(): void {
    if (this.#mainDomains !== null) {
      (loadedDomains() as Domains).put(this.#mainDomains);
      this.#mainDomains = null;
    }
    if (this.#mainDefaultTrigger !== -1) {
      this.#state.ids[this.#state.kDefaultTrigger] = this.#mainDefaultTrigger;
      this.#mainDefaultTrigger = -1;
    }
  }

  /**
   * The main stack goes back to the event loop. Entries that native code has pushed have no resource in the array: where
   * a greenlet's has made it longer than Node had left it, Node would shorten it, in its slowest way, after the event.
   */
  backToLoop(): void {
    const { resources } = this.#state;
    while (resources.length > 0 && resources[resources.length - 1] === undefined) resources.pop();
  }

  /** Takes the running greenlet's segment off. */
  leave(from: AsyncIdentity): void {
    const { fields, ids, resources, wrap, kAfter, kDefaultTrigger, kStackLength } = this.#state;
    if (fields[kAfter] !== 0) this.#emitAfter(from);
    if (ids[kDefaultTrigger] !== -1) {
      from.defaultTrigger = ids[kDefaultTrigger] as number;
      ids[kDefaultTrigger] = -1;
    }
    const length = fields[kStackLength] as number;
    if (length !== from.base + 1) {
      this.#unwind(from, length);
      return;
    }
    const outer = length - 1;
    const stack = wrap.async_ids_stack;
    ids[0] = stack[2 * outer] as number;
    ids[1] = stack[2 * outer + 1] as number;
    resources.pop();
    fields[kStackLength] = outer;
  }

  /** Puts the target's segment on. */
  enter(to: AsyncIdentity): void {
    const { fields, ids, kBefore, kDefaultTrigger, kStackLength } = this.#state;
    to.base = fields[kStackLength] as number;
    this.#push(to.asyncId, to.triggerId, to.resource);
    const { segment } = to;
    if (segment !== null) {
      keepSegment(to, null);
      this.#pushAll(segment);
    }
    if (to.defaultTrigger !== -1) {
      ids[kDefaultTrigger] = to.defaultTrigger;
      to.defaultTrigger = -1;
    }
    if (fields[kBefore] !== 0) this.#emitBefore(to);
  }

  /**
   * Runs `handle`, which may clear Node's stack of entries, as its handler of uncaught exceptions does, and puts back
   * what was there: neither a greenlet nor the main stack below it has come to its end.
   */
  protect<T>(handle: () => T): T {
    const { fields, ids, kStackLength } = this.#state;
    const length = fields[kStackLength] as number;
    const entries = this.#entries(length);
    const outer = length === 0 ? [] : [...this.#state.wrap.async_ids_stack.subarray(0, 2)];
    try {
      return handle();
    } finally {
      if (fields[kStackLength] !== length) {
        this.#popTo(0);
        if (outer.length > 0) ids.set(outer);
        this.#pushAll(entries);
      }
    }
  }

  /** Node aborts when scopes do not end in order. A termination skips the `finally` blocks that end those of
   *  JavaScript: between these two calls Node does not look. */
  tolerateDisorder(): void {
    const { fields, kCheck } = this.#state;
    if (this.#strictness !== null) return;
    this.#strictness = fields[kCheck] as number;
    fields[kCheck] = 0;
  }
  expectOrder(): void {
    if (this.#strictness === null) return;
    this.#state.fields[this.#state.kCheck] = this.#strictness;
    this.#strictness = null;
  }

  #emitAfter(from: AsyncIdentity): void {
    from.domains = loadedDomains()?.current() ?? null;
    this.#atomically(() => this.#emitters?.after(from.asyncId));
    loadedDomains()?.take();
  }

  #emitBefore(to: AsyncIdentity): void {
    this.#atomically(() => this.#emitters?.before(to.asyncId));
    if (to.domains === null) return;
    loadedDomains()?.put(to.domains);
    to.domains = null;
  }

  #push(id: number, trigger: number, resource: object): void {
    const { fields, ids, resources, wrap, kStackLength } = this.#state;
    const length = fields[kStackLength] as number;
    const stack = wrap.async_ids_stack;
    resources[length] = resource;
    if (2 * length >= stack.length) {
      wrap.pushAsyncContext(id, trigger); // grows the stack
      return;
    }
    stack[2 * length] = ids[0] as number;
    stack[2 * length + 1] = ids[1] as number;
    fields[kStackLength] = length + 1;
    ids[0] = id;
    ids[1] = trigger;
  }

  #pushAll(entries: unknown[]): void {
    for (let i = entries.length - 3; i >= 0; i -= 3) {
      this.#push(entries[i] as number, entries[i + 1] as number, entries[i + 2] as object);
    }
  }

  /** A copy of the first `length` entries, innermost first. */
  #entries(length: number): unknown[] {
    const { ids, resources, wrap, resourceAt } = this.#state;
    const stack = wrap.async_ids_stack;
    const entries: unknown[] = [];
    for (let n = length - 1; n >= 0; n--) {
      const innermost = n === length - 1;
      entries.push(innermost ? ids[0] : stack[2 * n + 2], innermost ? ids[1] : stack[2 * n + 3]);
      entries.push(resources[n] ?? resourceAt(n));
    }
    return entries;
  }

  /** Shortens the stack to `length` entries; Node's own pop also shortens its native list of resources. */
  #popTo(length: number): void {
    const { fields, ids, pop, kStackLength } = this.#state;
    while ((fields[kStackLength] as number) > length) pop(ids[0] as number);
  }

  /** The slow way off: entries above the base entry, or a stack that Node has cleared for an uncaught exception. */
  #unwind(from: AsyncIdentity, length: number): void {
    const cleared = length <= from.base;
    const segment = this.#entries(length).slice(0, 3 * (length - (cleared ? 0 : from.base + 1)));
    if (segment.length > 0) keepSegment(from, segment);
    this.#popTo(cleared ? 0 : from.base);
  }
}

function keepSegment(identity: AsyncIdentity, segment: unknown[] | null): void {
  identity.segment = segment;
  if (identity.remains !== null) identity.remains.segment = segment;
}
