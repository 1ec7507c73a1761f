/** What this process occupies: resident memory and the page tables that map it (a stack each costs those, too). */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

/** Bytes, after garbage collections: what is alive is asked for, not what has not been swept yet. */
export function occupied() {
  collectGarbage();
  collectGarbage();
  const status = readFileSync('/proc/self/status', 'utf8');
  const kilobytes = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]);
  return (kilobytes('VmRSS') + kilobytes('VmPTE')) * 1024;
}
