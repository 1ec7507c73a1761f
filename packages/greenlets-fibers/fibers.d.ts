import Fiber = require('greenlets/fibers');
export = Fiber;
