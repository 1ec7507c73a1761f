// The suite of express's router. `npm install && npm install mocha@11` in the checkout first: older ones do not start on Node 26.
import { bothWays, GREEN_MOCHA, green, greenTarget, runMocha } from '../lib/runners.mjs';

export const repository = 'pillarjs/router';
export const about = 'every test, hook and layer in a greenlet';

export function run(checkout, node) {
  const args = ['--check-leaks', 'test/'];
  const env = greenTarget(checkout, './lib/layer.js');
  return bothWays((preloads) => runMocha(checkout, node, args, preloads, env), [GREEN_MOCHA, green('router')]);
}
