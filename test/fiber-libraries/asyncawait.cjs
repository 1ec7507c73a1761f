const async = require('asyncawait/async');
const wait = require('asyncawait/await');

const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const twice = async((n) => 2 * wait(later(1, n)));
const squares = async.iterable((yield_, n) => {
  for (let i = 1; i <= n; i++) yield_(wait(later(1, i * i)));
});

async(() => {
  console.log(wait([twice(1), twice(2)]));
  const printed = squares(3).forEach(console.log);
  wait(printed);
  try {
    wait(Promise.reject(new Error('failed')));
  } catch (error) {
    console.log(error.message);
  }
  return 'done';
})().then(console.log);
