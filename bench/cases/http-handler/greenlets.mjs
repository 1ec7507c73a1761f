/** One operation: the same request to Node's own server, whose handler runs in a greenlet by `toAsync`. `async`: an async handler. */
import { once } from 'node:events';
import http from 'node:http';
import { toAsync, wait } from '../../../dist/index.js';
import { measureUnderLoad } from '../../measure/load.mjs';
import { nextTurn } from '../../rivals/next-turn.mjs';

const server = http.createServer(
  toAsync((_, response) => {
    wait(nextTurn());
    response.end('hello world');
  }),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
await measureUnderLoad('http', server.address().port);
process.exit();
