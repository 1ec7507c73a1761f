/** What must stand in Node before the first greenlet runs. */
import { lockModules } from './module-lock.ts';
import { guardStorageExit, guardVmTimeouts } from './node-guards.ts';

lockModules();
guardVmTimeouts();
guardStorageExit();
