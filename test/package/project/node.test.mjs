import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run, sleep, spawn } from 'greenlets';

test('greenlets run under node --test', async () => {
  const greet = (name) => {
    sleep(1);
    return `hello ${name}`;
  };
  assert.equal(await run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join()), 'hello a,hello b');
});
