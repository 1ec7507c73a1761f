const { map, run, sleep, wait } = require('f-promise');

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

run(() => {
  console.log(
    wait(later(1, 'promise')),
    wait((callback) => setTimeout(callback, 1, null, 'callback')),
  );
  console.log(map([1, 2], (n) => wait(later(3 - n, n))));
  sleep(1);
  try {
    wait(Promise.reject(new Error('failed')));
  } catch (error) {
    console.log(error.message);
  }
  return 'done';
}).then(console.log);
