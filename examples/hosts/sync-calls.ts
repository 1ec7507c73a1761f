/** What synckit does with a worker thread, and deasync with a nested event loop: asynchronous calls made synchronous. */
import { lookup } from 'node:dns';
import { toSync, waitCallback } from 'greenlets';

/** In place of synckit's `createSyncFn(worker)`: the function itself, in this thread, whatever it takes and returns. */
export const fetchSync = toSync(fetch);

/** In place of `deasync(dns.lookup)`. */
export function lookupSync(host: string): string {
  return waitCallback((done) => lookup(host, done));
}
