const asyncblock = require('asyncblock');

const later = (ms, value, callback) => setTimeout(callback, ms, null, value);
const fail = (callback) => setTimeout(callback, 1, new Error('failed'));

asyncblock(
  (flow) => {
    later(2, 1, flow.add('a'));
    later(1, 2, flow.add('b'));
    const { a, b } = flow.wait();
    console.log(a, b);
    console.log(flow.sync(later(1, 'sync', flow.callback())));
    try {
      fail(flow.add());
      flow.wait();
    } catch (error) {
      console.log(error.message);
    }
    return 'done';
  },
  (error, value) => console.log(error, value),
);
