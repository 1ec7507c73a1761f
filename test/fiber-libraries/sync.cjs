const Sync = require('sync');

const later = (ms, value, callback) => setTimeout(callback, ms, null, value);
const fail = (callback) => setTimeout(callback, 1, new Error('failed'));
const slowly = ((value) => later.sync(null, 1, value)).async();

Sync(
  () => {
    const future = later.future(null, 1, 'future');
    console.log(slowly.sync(null, 'sync'), future.result);
    try {
      fail.sync(null);
    } catch (error) {
      console.log(error.message);
    }
    Sync.sleep(1);
    return 'done';
  },
  (error, value) => console.log(error, value),
);
