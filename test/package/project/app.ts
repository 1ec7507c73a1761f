import { sleep, spawn } from 'greenlets';

const greet = (name: string): string => {
  sleep(1);
  return `hello ${name}`;
};
console.log(
  ['a', 'b']
    .map((name) => spawn(greet, name))
    .map((greenlet) => greenlet.get())
    .join(),
);
