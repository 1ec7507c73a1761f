/** What must stand in Node before the first greenlet runs; once a thread, whatever loads this. */
import './show.ts';
import { engine } from '../engine/raw-greenlet.ts';
import { shared } from '../engine/shared.ts';
import { lockModules } from './module-lock.ts';
import {
  guardPromising,
  guardStorageExit,
  guardStringify,
  guardVmLimits,
  keepJoinStacksOpen,
  patchAddons,
} from './node-guards.ts';

if (engine.native.failure === null) {
  shared('guards', () => {
    lockModules();
    guardVmLimits();
    keepJoinStacksOpen();
    guardStorageExit();
    guardStringify();
    guardPromising();
    patchAddons();
    return true;
  });
}
