const { sleep, spawn } = require('greenlets');

const greet = (name) => {
  sleep(1);
  return `hello ${name}`;
};
console.log(
  ['a', 'b']
    .map((name) => spawn(greet, name))
    .map((greenlet) => greenlet.get())
    .join(),
);
