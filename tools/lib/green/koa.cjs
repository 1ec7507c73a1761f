// Loaded before the suite of koa: every middleware runs in a greenlet, and blocks before it begins.
const { sleep, toAsync } = require('greenlets');

const { prototype } = require(process.env.GREEN_TARGET);
const { use } = prototype;
prototype.use = function (middleware) {
  return use.call(this, typeof middleware === 'function' ? green(middleware) : middleware);
};

function green(middleware) {
  const { name } = middleware;
  const blocking = function (...args) {
    sleep(0);
    return middleware.apply(this, args);
  };
  return toAsync(Object.defineProperty(blocking, 'name', { value: name }));
}
