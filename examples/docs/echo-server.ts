import { StreamServer } from 'greenlets/server';

const server = new StreamServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 7000),
  handle(socket) {
    for (let line = socket.readLine(); line !== null; line = socket.readLine()) {
      socket.sendAll(`${line}\n`);
    }
  },
});
server.start();
console.log('serving', server.address);
server.serveForever();
