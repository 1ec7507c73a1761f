// The suite of fastify. `npm install` in the checkout first.
import { bothWays, green, greenTarget, runNodeTest } from '../lib/runners.mjs';

export const repository = 'fastify/fastify';
export const about = 'every test, hook and handler in a greenlet';

export function run(checkout, node) {
  const env = greenTarget(checkout, './lib/handle-request.js');
  const way = (preloads) => runNodeTest(checkout, node, 'test', preloads, env);
  return bothWays(way, [green('node-test'), green('fastify')]);
}
