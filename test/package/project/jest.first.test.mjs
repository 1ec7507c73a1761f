import { jest } from '@jest/globals';
import { run, sleep, spawn, Timeout, toAsync, wait } from 'greenlets';
import { Queue } from 'greenlets/queue';

const greet = (name) => {
  sleep(1);
  return `hello ${name}`;
};

test('greenlets run in a test', async () => {
  expect(await run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join())).toBe('hello a,hello b');
});

test(
  'greenlets are the test',
  toAsync(() => {
    const queue = new Queue();
    spawn(() => queue.put(greet('c')));
    expect(queue.get()).toBe('hello c');
    expect(wait(Promise.resolve(5))).toBe(5);
    expect(() => wait(new Promise(() => {}), 1)).toThrow(Timeout);
  }),
);

test(
  'the clock of greenlets is not the one that Jest fakes',
  toAsync(() => {
    jest.useFakeTimers();
    try {
      sleep(1);
    } finally {
      jest.useRealTimers();
    }
  }),
);
