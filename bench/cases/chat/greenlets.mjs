/** One operation: the delivery of a chat line to one of the 100 members of a room, 10 of which talk. A reader and a writer for each member. */
import { run, spawn } from '../../../dist/index.js';
import { Queue } from '../../../dist/queue.js';
import { StreamServer } from '../../../dist/server.js';
import { measureUnderLoad } from '../../measure/load.mjs';

const room = new Set();

function deliver(outbox, socket) {
  for (const line of outbox) socket.sendAll(line);
}

const server = new StreamServer({
  host: '127.0.0.1',
  port: 0,
  handle(socket) {
    const outbox = new Queue();
    const writer = spawn(deliver, outbox, socket);
    room.add(outbox);
    for (let line = socket.readLine(); line !== null; line = socket.readLine()) {
      for (const member of room) member.put(`${line}\n`);
    }
    room.delete(outbox);
    writer.kill();
  },
});
await run(() => server.start());
await measureUnderLoad('chat', server.address.port);
process.exit();
