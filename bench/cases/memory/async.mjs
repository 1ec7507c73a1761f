import { setTimeout as sleep } from 'node:timers/promises';
import { print } from '../../measure/measure.mjs';
import { occupied } from '../../measure/memory.mjs';

const FUNCTIONS = 10_000;
const DEPTH = 4;

async function suspend(event, depth) {
  if (depth === 1) return await event;
  return (await suspend(event, depth - 1)) && true;
}

await suspend(Promise.resolve(), DEPTH);
const event = new Promise(() => {});
const before = occupied();
const suspended = Array.from({ length: FUNCTIONS }, () => suspend(event, DEPTH));
await sleep(50);
print({ bytes_per_op: (occupied() - before) / suspended.length });
