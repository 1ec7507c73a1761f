/** A Redis server for tests. */

import { Popen } from 'greenlets/subprocess';
import { freePort } from '../../../test/support/free-port.ts';
import { whyMissing } from '../../../test/support/tools.ts';

/** Why tests with Redis cannot run here; false if they can. */
export const whyNoRedis: string | false = whyMissing('redis-server');

/** Calls `body` with the URL of a server of its own, which keeps nothing. */
export function withRedis(body: (url: string) => void): void {
  const port = freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  using redis = new Popen('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for (let line = redis.stdout.readLine(); !line?.includes('Ready to accept connections'); ) {
    if (line === null) throw new Error('redis-server has not started');
    line = redis.stdout.readLine();
  }
  body(`redis://127.0.0.1:${port}`);
}
