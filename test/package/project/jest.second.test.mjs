// A second file: Jest loads the package anew for it, into the same thread.

import { run, sleep, spawn } from 'greenlets';
import { AsyncResult } from 'greenlets/event';

test('greenlets run in a second file', async () => {
  const slept = await run(() => {
    const result = new AsyncResult();
    spawn(() => {
      sleep(1);
      result.set('slept');
    });
    return result.get();
  });
  expect(slept).toBe('slept');
});
