import { run, sleep, spawn, toAsync } from 'greenlets';
import { Channel } from 'greenlets/queue';
import { expect, test } from 'vitest';

const greet = (name: string): string => {
  sleep(1);
  return `hello ${name}`;
};

test('greenlets run in a test', async () => {
  expect(await run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join())).toBe('hello a,hello b');
});

test(
  'greenlets are the test',
  toAsync(() => {
    const channel = new Channel<string>();
    spawn(() => channel.put(greet('c')));
    expect(channel.get()).toBe('hello c');
  }),
);
