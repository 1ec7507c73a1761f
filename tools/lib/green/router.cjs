// Loaded before a suite of express or router: every layer of the router runs in a greenlet, and blocks before it begins.
const { sleep, spawn } = require('greenlets');

const { prototype } = require(process.env.GREEN_TARGET);
for (const name of ['handleRequest', 'handleError']) {
  const handle = prototype[name];
  prototype[name] = function (...args) {
    spawn(() => {
      sleep(0);
      handle.apply(this, args);
    });
  };
}
