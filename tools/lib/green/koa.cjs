// Loaded before the suite of koa: every request and every middleware runs in a greenlet, and blocks before it begins.
// A greenlet that calls a middleware itself runs it: it is as synchronous to it as ever.
const { getCurrent, Greenlet, sleep, toAsync } = require('greenlets');

const { prototype } = require(process.env.GREEN_TARGET);
const { handleRequest, use } = prototype;
prototype.handleRequest = green(handleRequest);
prototype.use = function (middleware) {
  return use.call(this, typeof middleware === 'function' ? green(middleware) : middleware);
};

function green(fn) {
  const blocking = function (...args) {
    sleep(0);
    return fn.apply(this, args);
  };
  const spawning = toAsync(blocking);
  const either = function (...args) {
    return (getCurrent() instanceof Greenlet ? blocking : spawning).apply(this, args);
  };
  return Object.defineProperty(either, 'name', { value: fn.name });
}
