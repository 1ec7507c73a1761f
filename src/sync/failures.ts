import type { Greenlet } from '../hub/greenlet.ts';

/** One call of `join`: the first failure that it will throw. */
export interface Join {
  failure: { error: unknown } | undefined;
}

/**
 * Which failures of a group's members a `join` throws: of those who are members while it waits; of those who were
 * while an earlier one waited whose time was over; and of those whose failure nobody knows of yet when it begins. All
 * others are reported by the hub as those of any greenlet.
 */
export class Failures {
  readonly #joins = new Set<Join>();
  /** Members that have failed while no `join` waited. */
  #kept: { greenlet: Greenlet; promised: boolean }[] = [];

  /** True while a `join` waits: whoever becomes a member is observed by it. */
  get wanted(): boolean {
    return this.#joins.size > 0;
  }

  /** A `join` begins. */
  begin(): Join {
    const [first] = this.#kept.filter(({ greenlet, promised }) => promised || greenlet.unclaimed);
    for (const { greenlet } of this.#kept) greenlet.observe();
    this.#kept = [];
    const join: Join = { failure: first && { error: first.greenlet.exception } };
    this.#joins.add(join);
    return join;
  }

  /** It ends. */
  end(join: Join): void {
    this.#joins.delete(join);
  }

  /** A member has failed. @param promised whether a `join` has observed it. */
  add(greenlet: Greenlet, promised: boolean): void {
    const failure = { error: greenlet.exception };
    for (const join of this.#joins) join.failure ??= failure;
    if (this.wanted) return;
    this.#forgetClaimed();
    if (promised || greenlet.unclaimed) this.#kept.push({ greenlet, promised });
  }

  /** Drops those in front that have been observed or reported by now. */
  #forgetClaimed(): void {
    const stale = this.#kept.findIndex(({ greenlet, promised }) => promised || greenlet.unclaimed);
    this.#kept.splice(0, stale === -1 ? this.#kept.length : stale);
  }
}
