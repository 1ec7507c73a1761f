import '../interop/install.ts';

// 'module.exports' is what require() gives: const Future = require('greenlets/fibers/future').
export { Future as default, Future as 'module.exports', type Resolver } from '../interop/fibers/future.ts';
