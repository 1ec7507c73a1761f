// Loaded before a suite of express or router: every layer of the router runs in a greenlet, and blocks before it begins.
// A greenlet that calls the router itself runs the layers: they are as synchronous to it as ever.
const { getCurrent, Greenlet, sleep, spawn } = require('greenlets');

const { prototype } = require(process.env.GREEN_TARGET);
for (const name of ['handleRequest', 'handleError']) {
  const handle = prototype[name];
  prototype[name] = function (...args) {
    const block = () => {
      sleep(0);
      handle.apply(this, args);
    };
    if (getCurrent() instanceof Greenlet) block();
    else spawn(block);
  };
}
