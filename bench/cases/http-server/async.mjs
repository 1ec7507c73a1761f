import { once } from 'node:events';
import http from 'node:http';
import { measureUnderLoad } from '../../measure/load.mjs';
import { nextTurn } from '../../rivals/next-turn.mjs';

const server = http.createServer(async (_, response) => {
  await nextTurn();
  response.setHeader('content-type', 'text/plain; charset=utf-8'); // as the others do
  response.end('hello world');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
await measureUnderLoad('http', server.address().port);
process.exit();
