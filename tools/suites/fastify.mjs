// The suite of fastify. `npm install` in the checkout first. Its tests stay outside of greenlets: fixtures that many of
// them share listen before tests that begin a turn of the event loop later have declared their routes. One test fails
// with handlers in greenlets, as it would with any handler that does not answer at once: its second request, a bad one,
// is in the same packet as the first, and refused before that is answered.
import { bothWays, green, greenTarget, runNodeTest } from '../lib/runners.mjs';

export const repository = 'fastify/fastify';
export const about = 'every handler in a greenlet';

export function run(checkout, node) {
  const env = greenTarget(checkout, './lib/handle-request.js');
  return bothWays((preloads) => runNodeTest(checkout, node, 'test', preloads, env), [green('fastify')]);
}
