/** A sandbox of `vm` whose guests block: what they call of the host looks synchronous to them. */
import vm from 'node:vm';
import { sleep, withTimeout } from 'greenlets';
import { get } from 'greenlets/http';

/**
 * Runs a guest's script in a world of its own, and gives its last value. The limit ends a guest that waits too long;
 * the `timeout` of `vm` itself ends whatever runs when it is reached, so blocking under it is refused.
 *
 * @param limit in ms. @throws {Timeout} when it is reached.
 */
export function runGuest(script: string, limit: number): unknown {
  const world = vm.createContext({ sleep, read: (url: string) => get(url).text() });
  return withTimeout(limit, () => vm.runInContext(script, world));
}
