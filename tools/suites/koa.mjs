// The suite of koa. `npm install` and `npm run build` in the checkout first.
import { bothWays, green, runNodeTest } from '../lib/runners.mjs';

export const repository = 'koajs/koa';
export const about = 'every test, hook and middleware in a greenlet';

export function run(checkout, node) {
  const way = (preloads) => runNodeTest(checkout, node, '__tests__', preloads, './lib/application.js');
  return bothWays(way, [green('node-test'), green('koa')]);
}
