import './interop/install.ts';
import { test } from './testing/green-test.ts';

// A drop-in for node:test: suites and mocks are its own, what runs runs in greenlets.
export { describe, mock, run, suite } from 'node:test';
export { after, afterEach, before, beforeEach, it, test, test as default } from './testing/green-test.ts';
/** As `only`, `skip` and `todo` of `node:test`, in a greenlet. */
export const { only, skip, todo } = test;
