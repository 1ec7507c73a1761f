import { nursery, Queue } from 'greenlets';
import { StreamServer } from 'greenlets/server';
import type { Socket } from 'greenlets/socket';

/** What is still to be sent to each person. */
const outboxes = new Map<string, Queue<string>>();

/** Puts a line into everybody's outbox. Never waits: whoever does not keep up misses it. */
function tellAll(line: string): void {
  for (const outbox of outboxes.values()) {
    if (!outbox.full) outbox.putNowait(line);
  }
}

function* linesOf(socket: Socket): IterableIterator<string> {
  for (let line = socket.readLine(); line !== null; line = socket.readLine()) yield line;
}

/** One person, from hello to goodbye. */
function chat(socket: Socket): void {
  socket.sendAll('What is your name?\n');
  const name = socket.readLine();
  if (name === null || outboxes.has(name)) return;

  const outbox = new Queue<string>(100);
  outboxes.set(name, outbox);
  tellAll(`* ${name} is here`);
  try {
    nursery((group) => {
      group.spawn(() => {
        for (const line of outbox) socket.sendAll(`${line}\n`);
      });
      for (const line of linesOf(socket)) tellAll(`${name}: ${line}`);
      outbox.shutdown(); // what it holds is still sent
    });
  } finally {
    outboxes.delete(name);
    tellAll(`* ${name} is gone`);
  }
}

const server = new StreamServer({
  host: '127.0.0.1',
  port: Number(process.argv[2] ?? 7000),
  stopTimeout: 1000,
  handle: chat,
});
server.start();
console.log('serving', server.address);
server.serveForever();
