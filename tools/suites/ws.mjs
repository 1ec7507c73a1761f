// The suite of ws. `npm install && npm install mocha@11` in the checkout first: older ones do not start on Node 26.
// From Node 22 on one test of version 8.21 fails either way; on Node 24 because Node answers its request with 431, not
// 400. Why on the others was not looked at.
import { bothWays, GREEN_MOCHA, runMocha } from '../lib/runners.mjs';

export const repository = 'websockets/ws';
export const about = 'every test and hook in a greenlet';

export function run(checkout, node) {
  return bothWays((preloads) => runMocha(checkout, node, ['test/*.test.js'], preloads), [GREEN_MOCHA]);
}
