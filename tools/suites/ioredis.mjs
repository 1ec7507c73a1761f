// The suite of ioredis. `npm install` in the checkout first, and start a `redis-server` on its port, 6379: the suite
// empties it. An old server lacks commands: their tests are skipped, or fail either way. On a busy machine three more
// failed without greenlets, two of them by their time.
import { bothWays, GREEN_MOCHA, runMocha } from '../lib/runners.mjs';

export const repository = 'redis/ioredis';
export const about = 'every test and hook in a greenlet, against a real Redis';

export function run(checkout, node, major) {
  const args = ['test/helpers/*.ts', 'test/unit/**/*.ts', 'test/functional/**/*.ts'];
  const env = {
    NODE_ENV: 'test',
    TS_NODE_TRANSPILE_ONLY: 'true', // ts-node, not Node itself, is what the suite wants to read TypeScript
    NODE_OPTIONS: major === '20' ? '' : '--no-experimental-strip-types',
  };
  return bothWays((preloads) => runMocha(checkout, node, args, preloads, env), [GREEN_MOCHA]);
}
