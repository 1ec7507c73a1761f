/** npm run trial:chat: a server in a process of its own, 2,000 clients in 20 rooms, and one that does not read. */
import Table from 'cli-table3';
import { type CrowdFigures, runCrowd } from './crowd.ts';
import { ServerProcess } from './server-process.ts';
import { runSlowReader, type SlowReaderFigures } from './slow-reader.ts';

const CROWD = { sockets: 2000, rooms: 20, messages: 3, duration: 20_000, patience: 180_000 };

using server = new ServerProcess();
console.log(`${CROWD.sockets} clients in ${CROWD.rooms} rooms, ${CROWD.messages} messages from each ...`);
const crowd = runCrowd({ ...CROWD, url: server.url });
console.log(tell(crowd, server.memory));
console.log('one client that does not read, in a room with twenty that say as much as they may ...');
const slow = runSlowReader(server.url);
console.log(tellSlow(slow));
const faults = crowd.lost + crowd.doubled + slow.lost + slow.doubled;
console.log(faults === 0 ? 'every message came to everyone, once' : `${faults} faults`);
process.exitCode = faults === 0 ? 0 : 1;

function tell(figures: CrowdFigures, memory: number): string {
  const { arrival, said, delivered, lost, doubled, skipped, took, delay } = figures;
  return table([
    ['all have arrived after', `${(arrival / 1000).toFixed(1)} s`],
    ['messages', said],
    ['deliveries', delivered],
    ['deliveries a second', Math.round((1000 * delivered) / took)],
    ['lost', lost],
    ['doubled', doubled],
    ['skipped for slow clients', skipped],
    ['from posting to delivery, median', `${delay.median} ms`],
    ['99 % within', `${delay.p99} ms`],
    ['all within', `${delay.max} ms`],
    ["the server's memory", `${Math.round(memory / 1e6)} MB`],
  ]);
}

function tellSlow({ said, othersTook, skipped, lost, doubled }: SlowReaderFigures): string {
  return table([
    ['messages of 6 KB', said],
    ['the others heard all within', `${(othersTook / 1000).toFixed(1)} s`],
    ['events skipped for the slow one', skipped],
    ['lost, after it has caught up', lost],
    ['doubled', doubled],
  ]);
}

function table(rows: [name: string, value: string | number][]): string {
  const table = new Table({ colAligns: ['left', 'right'], style: { border: [] } });
  for (const [name, value] of rows) {
    table.push([name, typeof value === 'number' ? value.toLocaleString('en') : value]);
  }
  return table.toString();
}
