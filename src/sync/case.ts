import type { WaitSource } from '../hub/waiter.ts';

const source: unique symbol = Symbol('source');

/** One of the things `select` may do; made by `onGet()` and `onPut(item)` of queues and channels. */
export interface Case<T> {
  /** @internal */ readonly [source]: WaitSource;
  /** @internal What the node brings. */ readonly item: unknown;
  /** Type of the value; not there at run time. */
  readonly value?: T;
}

export function caseOf<T>(from: WaitSource, item?: unknown): Case<T> {
  return { [source]: from, item };
}

/** What a case waits on; undefined if `object` is no case. */
export function sourceOf(object: unknown): WaitSource | undefined {
  return (object as Partial<Case<unknown>> | null | undefined)?.[source];
}
