const sync = require('synchronize');

const fail = (callback) => setTimeout(callback, 1, new Error('failed'));
const later = sync((ms, value, callback) => setTimeout(callback, ms, null, value));

sync.fiber(
  () => {
    console.log(later(1, 'synchronized'));
    sync.parallel(() => {
      later(2, 'a', sync.defer());
      later(1, 'b', sync.defer());
    });
    console.log(sync.await());
    try {
      sync.await(fail(sync.defer()));
    } catch (error) {
      console.log(error.message);
    }
    return 'done';
  },
  (error, value) => console.log(error, value),
);
