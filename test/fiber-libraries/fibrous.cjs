const fs = require('node:fs');
const fibrous = require('fibrous');

const lengthOf = fibrous((name) => fs.sync.readFile(name, 'utf8').length);

fibrous.run(
  () => {
    try {
      fs.sync.stat('/no/such/file');
    } catch (error) {
      console.log(error.code);
    }
    const [here, file] = fibrous.wait([fs.future.stat(__dirname), fs.future.stat(__filename)]);
    console.log(here.isDirectory(), file.size === lengthOf.sync(__filename));
    return 'done';
  },
  (error, value) => console.log(error, value),
);
