import assert from 'node:assert/strict';
import { testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

/** A program. 1,000 greenlets that have used up their stacks would take 300 MB; it has ten seconds to get below. */
const withMemory = (body: string): string => `
  import { readFileSync } from 'node:fs';
  import { joinAll, run, sleep, spawn } from 'greenlets';
  import { Event } from 'greenlets/event';
  const usedMemory = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  const settlesBelow = (mb) => {
    for (let i = 0; i < 100 && usedMemory() > mb; i++) sleep(100);
    return usedMemory() < mb;
  };
  const useStack = () => {
    try { return useStack() + 1; } catch { return 0; } // RangeError: the stack is used up
  };
  await run(() => { ${body} });`;

testOnMain('stacks of greenlets that have ended give their memory back', async () => {
  const source = withMemory(`
    const event = new Event();
    const before = usedMemory();
    const burst = Array.from({ length: 1_000 }, () => spawn(() => { useStack(); event.wait(); }));
    sleep(0);
    event.set();
    joinAll(burst);
    console.log(settlesBelow(before + 80));`);
  await withProgram('app.mjs', source, async (path) => {
    assert.equal(runNode([path]).output, 'true\n');
  });
});

testOnMain('greenlets that were deep in calls and wait give the rest of their stacks back', async () => {
  const source = withMemory(`
    const event = new Event();
    const before = usedMemory();
    const sleepers = Array.from({ length: 1_000 }, () => spawn(() => { useStack(); event.wait(); return 'whole'; }));
    sleep(0);
    const settled = settlesBelow(before + 80);
    event.set();
    console.log(settled, sleepers.every((sleeper) => sleeper.get() === 'whole'));`);
  await withProgram('app.mjs', source, async (path) => {
    assert.equal(runNode([path]).output, 'true true\n');
  });
});
