import { once } from 'node:events';
import net from 'node:net';
import { measureUnderLoad } from '../../measure/load.mjs';

const server = net.createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => socket.write(chunk));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
await measureUnderLoad('echo', server.address().port);
process.exit();
