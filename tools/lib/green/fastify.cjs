// Loaded before the suite of fastify: every request is handled in a greenlet, which blocks before it begins.
// A greenlet that handles a request itself does so at once, when it has blocked: it is as synchronous to it as ever.
const { getCurrent, Greenlet, sleep, spawn } = require('greenlets');

const path = process.env.GREEN_TARGET;
const handleRequest = require(path);
function handleInGreenlet(...args) {
  const block = () => {
    sleep(0);
    handleRequest.apply(this, args);
  };
  if (getCurrent() instanceof Greenlet) block();
  else spawn(block);
}
require.cache[path].exports = Object.assign(handleInGreenlet, handleRequest);
