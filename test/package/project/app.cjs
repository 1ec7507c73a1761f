const { run, sleep, spawn } = require('greenlets');

const greet = (name) => {
  sleep(1);
  return `hello ${name}`;
};
run(() => ['a', 'b'].map((name) => spawn(greet, name).get()).join()).then(console.log);
