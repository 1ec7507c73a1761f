import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { measureUnderLoad } from '../../measure/load.mjs';

const room = new Set();

const server = net.createServer({ noDelay: true }, (socket) => {
  room.add(socket);
  createInterface({ input: socket }).on('line', (line) => {
    for (const member of room) member.write(`${line}\n`);
  });
  socket.on('close', () => room.delete(socket));
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
await measureUnderLoad('chat', server.address().port);
process.exit();
