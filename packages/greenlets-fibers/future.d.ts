import Future = require('greenlets/fibers/future');
export = Future;
