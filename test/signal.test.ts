import assert from 'node:assert/strict';
import { Greenlet, getCurrent, sleep } from 'greenlets';
import { Event } from 'greenlets/event';
import { onSignal } from 'greenlets/signal';
import { test, testOnMain } from './support/leaks.ts';
import { runNode, withProgram } from './support/program.ts';

test('each signal runs the handler in a greenlet of its own, in which it may block', () => {
  const seen: unknown[] = [];
  const done = new Event();
  const before = process.listenerCount('SIGUSR2');
  {
    using _ = onSignal('SIGUSR2', (signal) => {
      sleep(1);
      seen.push(signal, getCurrent());
      if (seen.length === 4) done.set();
    });
    process.kill(process.pid, 'SIGUSR2');
    while (seen.length === 0) sleep(1);
    process.kill(process.pid, 'SIGUSR2');
    assert.ok(done.wait(10_000));
  }
  assert.equal(seen[0], 'SIGUSR2');
  assert.ok(seen[1] instanceof Greenlet && seen[3] instanceof Greenlet && seen[1] !== seen[3]);
  assert.equal(process.listenerCount('SIGUSR2'), before);
});

testOnMain('unknown signals, those that cannot be handled, and a handler that is none are refused', () => {
  assert.throws(() => onSignal('SIGNONE' as never, () => {}), { name: 'TypeError', message: /"SIGNONE"/ });
  assert.throws(() => onSignal(15 as never, () => {}), { name: 'TypeError', message: /15/ });
  assert.throws(() => onSignal('SIGKILL', () => {}), { name: 'TypeError', message: /SIGKILL/ });
  assert.throws(() => onSignal('SIGSTOP', () => {}), { name: 'TypeError', message: /SIGSTOP/ });
  assert.throws(() => onSignal('SIGTERM', 'fn' as never), { name: 'TypeError', message: /"fn"/ });
  assert.equal(process.listenerCount('SIGTERM'), 0);
});

testOnMain('a handler keeps no process alive, and its error ends the process as any unobserved one', async () => {
  const signal = import.meta.resolve('greenlets/signal');
  const idle = `import { onSignal } from '${signal}'; onSignal('SIGTERM', () => {}); console.log('end');`;
  assert.deepEqual(await withProgram('idle.mjs', idle, (path) => runNode([path])), { status: 0, output: 'end\n' });
  const failing = `import { onSignal } from '${signal}';
    onSignal('SIGTERM', () => { throw new Error('handler failed'); });
    setTimeout(() => {}, 60_000);
    process.kill(process.pid, 'SIGTERM');`;
  const { status, output } = await withProgram('failing.mjs', failing, (path) => runNode([path]));
  assert.equal(status, 1);
  assert.match(output, /handler failed/);
});
