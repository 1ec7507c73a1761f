import './interop/install.ts';

// A drop-in for node:test: suites and mocks are its own, what runs runs in greenlets.
export { describe, mock, suite } from 'node:test';
export { after, afterEach, before, beforeEach, it, test, test as default } from './testing/green-test.ts';
