// load-test.mjs BINARY: throws unless greenlets run here, on exactly this binary.
import { readFileSync } from 'node:fs';
import { run, sleep, spawn } from '../dist/index.js';

const later = (value) => {
  sleep(value);
  return value;
};
const sum = await run(() =>
  [3, 1, 2].map((n) => spawn(later, n)).reduce((total, greenlet) => total + greenlet.get(), 0),
);
if (sum !== 6) throw new Error(`expected 6, got ${sum}`);
const [, , binary] = process.argv;
if (!readFileSync('/proc/self/maps', 'utf8').includes(binary)) throw new Error(`${binary} was not loaded`);
