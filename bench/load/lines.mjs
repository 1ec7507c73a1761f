/** What the loads of line-based servers share. */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LINE = Buffer.from(`${'x'.repeat(63)}\n`);

/**
 * Opens `connections` to the port in the arguments and lets the first `senders` of them send: each its next line when
 * it has got `linesBack` lines since the last. Prints `{ops, ns}`: the lines that all connections got, and the time.
 */
export async function exchangeLines({ connections, senders, linesBack }) {
  const [port, ms] = process.argv.slice(2).map(Number);
  const sockets = Array.from({ length: connections }, () => net.connect({ port, host: '127.0.0.1', noDelay: true }));
  let bytes = 0;
  let talking = true;
  for (const [i, socket] of sockets.entries()) {
    let missing = linesBack * LINE.length;
    socket.on('data', (data) => {
      bytes += data.length;
      if (i >= senders || !talking) return;
      missing -= data.length;
      for (; missing <= 0; missing += linesBack * LINE.length) socket.write(LINE);
    });
  }
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  // Connected is not yet accepted: nobody in the room is to miss a line.
  await sleep(100);
  const began = performance.now();
  for (const socket of sockets.slice(0, senders)) socket.write(LINE);
  await sleep(ms);
  console.log(JSON.stringify({ ops: bytes / LINE.length, ns: (performance.now() - began) * 1e6 }));
  talking = false;
  for (const socket of sockets) socket.end();
}
