import type { NativeEngine } from '../native.ts';

/** `Array.prototype.join` of the realm in which the text of this function is evaluated. */
export const JOIN_OF_REALM = '(stop) => { [{ toString: stop }].join(); }';

/**
 * `Array.prototype.join` keeps a stack of the joins in progress, one a realm. When the lowest ends V8 drops those
 * above, and traps when they end in their turn: joins that block must end in order. A join that is ended by a
 * termination leaves its entry there for ever; with that one at the bottom, V8 takes the way that searches.
 *
 * @param join a join in the realm, the one of this module by default.
 */
export function keepJoinStackOpen(
  native: NativeEngine,
  join = (stop: () => void): void => void [{ toString: stop as () => string }].join(),
): void {
  native.abandon(join);
}
