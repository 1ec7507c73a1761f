// The suite of koa. `npm install` and `npm run build` in the checkout first.
import { bothWays, green, greenTarget, runNodeTest } from '../lib/runners.mjs';

export const repository = 'koajs/koa';
export const about = 'every test, hook and middleware in a greenlet';

export function run(checkout, node) {
  const env = greenTarget(checkout, './lib/application.js');
  const way = (preloads) => runNodeTest(checkout, node, '__tests__', preloads, env);
  return bothWays(way, [green('node-test'), green('koa')]);
}
