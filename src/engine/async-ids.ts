/**
 * What Node knows of "who runs now" (async ids and resources), kept right across stack switches.
 *
 * Node keeps one stack of entries a thread. The main stack's entries never move; above them lies the segment
 * of the one running greenlet. The departing side takes its segment off and puts the target's on, so that a direct
 * greenlet-to-greenlet switch needs no special case. Nearly always a segment is its base entry alone: that path is
 * a handful of typed-array writes.
 */
import { AsyncResource } from 'node:async_hooks';
import type { NodeAsyncState } from './node-async-state.ts';

/** One greenlet's share of Node's async state. */
export interface AsyncIdentity {
  asyncId: number;
  triggerId: number;
  /** What `executionAsyncResource()` gives inside; stores of AsyncLocalStorage hang on it in Node 20 and 22. */
  resource: object;
  /** Entries above the base entry while suspended: id, trigger, resource, …, innermost first. */
  segment: unknown[] | null;
  /** Length of the main stack's part when this greenlet was resumed last. */
  base: number;
  /** Node's default trigger id while suspended; -1 = none. */
  defaultTrigger: number;
}

export class AsyncIds {
  readonly #state: NodeAsyncState;
  #mainDefaultTrigger = -1;

  constructor(state: NodeAsyncState) {
    this.#state = state;
  }

  /** Gives a new greenlet, which is its own resource so far, its ids; a real AsyncResource only where hooks would see it. */
  identify(identity: AsyncIdentity): void {
    const { fields, ids, kInit, kIdCounter } = this.#state;
    if (fields[kInit] !== 0) {
      const resource = new AsyncResource('Greenlet', { requireManualDestroy: true });
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

  /** The main stack is about to be suspended. */
  leaveMain(): void {
    const { ids, kDefaultTrigger } = this.#state;
    if (ids[kDefaultTrigger] !== -1) {
      this.#mainDefaultTrigger = ids[kDefaultTrigger] as number;
      ids[kDefaultTrigger] = -1;
    }
  }

  /** The main stack is about to be resumed. */
  enterMain(): void {
    if (this.#mainDefaultTrigger !== -1) {
      this.#state.ids[this.#state.kDefaultTrigger] = this.#mainDefaultTrigger;
      this.#mainDefaultTrigger = -1;
    }
  }

  /** Takes the running greenlet's segment off. */
  leave(from: AsyncIdentity): void {
    const { fields, ids, resources, wrap, emitAfter, kAfter, kDefaultTrigger, kStackLength } = this.#state;
    if (fields[kAfter] !== 0) emitAfter?.(from.asyncId);
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
    const { fields, ids, emitBefore, kBefore, kDefaultTrigger, kStackLength } = this.#state;
    to.base = fields[kStackLength] as number;
    this.#push(to.asyncId, to.triggerId, to.resource);
    const { segment } = to;
    if (segment !== null) {
      to.segment = null;
      for (let i = segment.length - 3; i >= 0; i -= 3) {
        this.#push(segment[i] as number, segment[i + 1] as number, segment[i + 2] as object);
      }
    }
    if (to.defaultTrigger !== -1) {
      ids[kDefaultTrigger] = to.defaultTrigger;
      to.defaultTrigger = -1;
    }
    if (fields[kBefore] !== 0) emitBefore?.(to.asyncId);
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

  /** The slow way off: entries above the base entry, or a stack that Node has cleared for an uncaught exception. */
  #unwind(from: AsyncIdentity, length: number): void {
    const { fields, ids, resources, pop, resourceAt, kStackLength } = this.#state;
    const cleared = length <= from.base;
    const lowest = cleared ? 0 : from.base + 1;
    const segment: unknown[] = [];
    for (let n = length; n > lowest; n--) {
      segment.push(ids[0], ids[1], resources[n - 1] ?? resourceAt(n - 1));
      pop(ids[0] as number); // the native pop also shortens Node's native list of resources
    }
    if (segment.length > 0) from.segment = segment;
    if (!cleared && (fields[kStackLength] as number) > from.base) pop(ids[0] as number);
  }
}
