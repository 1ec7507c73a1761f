// The suite of fastify. `npm install` in the checkout first. Its tests stay outside of greenlets: fixtures that many of
// them share listen before tests that begin a turn of the event loop later have declared their routes. With
// its tests in greenlets, too, one failed on Node 24 for its handlers': it sends a bad request in the same packet as a
// good one, and the bad one was refused before the good one was answered.
import { bothWays, green, greenTarget, runNodeTest } from '../lib/runners.mjs';

export const repository = 'fastify/fastify';
export const about = 'every handler in a greenlet';

export function run(checkout, node) {
  const env = greenTarget(checkout, './lib/handle-request.js');
  return bothWays((preloads) => runNodeTest(checkout, node, 'test', preloads, env), [green('fastify')]);
}
