/**
 * One operation: one of 20 synchronous calls of Node: to read a small file from the cache, to derive a key, to run a
 * command that takes 100 ms.
 */
import { joinAll, run, spawn } from '../../../dist/index.js';
import { patchAll } from '../../../dist/monkey.js';
import { measure } from '../../measure/measure.mjs';
import { AT_A_TIME, call } from './calls.mjs';

patchAll();
await run(() => {
  measure(AT_A_TIME, () => {
    joinAll(Array.from({ length: AT_A_TIME }, () => spawn(call)));
  });
});
