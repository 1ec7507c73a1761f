/** One operation: a line of 64 bytes to an echo server and back, one of 64 connections that each have one under way. `async`: callbacks of `node:net`. */
import { run } from '../../../dist/index.js';
import { StreamServer } from '../../../dist/server.js';
import { measureUnderLoad } from '../../measure/load.mjs';

const server = new StreamServer({
  host: '127.0.0.1',
  port: 0,
  handle(socket) {
    for (const chunk of socket) socket.sendAll(chunk);
  },
});
await run(() => server.start());
await measureUnderLoad('echo', server.address.port);
process.exit();
