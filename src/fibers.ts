import './interop/install.ts';

// 'module.exports' is what require() gives: const Fiber = require('greenlets/fibers').
export { Fiber as default, Fiber as 'module.exports' } from './interop/fibers/fiber.ts';
