// The suite of ws. `npm install` in the checkout first.
import { bothWays, GREEN_MOCHA, runMocha } from '../lib/runners.mjs';

export const repository = 'websockets/ws';
export const about = 'every test and hook in a greenlet';

export function run(checkout, node) {
  return bothWays((preloads) => runMocha(checkout, node, ['test/*.test.js'], preloads), [GREEN_MOCHA]);
}
