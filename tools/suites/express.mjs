// The suite of express. `npm install` in the checkout first.
import { bothWays, GREEN_MOCHA, green, greenTarget, runMocha } from '../lib/runners.mjs';

export const repository = 'expressjs/express';
export const about = 'every test, hook and router layer in a greenlet';

export function run(checkout, node) {
  const args = ['--require', 'test/support/env', '--check-leaks', 'test/', 'test/acceptance/'];
  const env = greenTarget(checkout, 'router/lib/layer.js');
  return bothWays((preloads) => runMocha(checkout, node, args, preloads, env), [GREEN_MOCHA, green('router')]);
}
