import { run, sleep, spawn } from 'greenlets';

const greet = (name) => {
  sleep(1);
  return `hello ${name}`;
};
console.log(await run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join()));
