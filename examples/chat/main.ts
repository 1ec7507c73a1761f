/** npm run start:chat: see --help. Ctrl-C raises Interrupted in this greenlet, where it waits for the server's end. */
import { shield } from 'greenlets';
import { startOrExit } from '../start.ts';
import { LocalBus } from './bus.ts';
import { History } from './history.ts';
import { parseOptions } from './options.ts';
import { RedisBus } from './redis-bus.ts';
import { ChatServer } from './server.ts';

/** How long clients may take to be told the end, in ms. */
const GOODBYE = 2000;

const { redis, ...options } = parseOptions(process.argv.slice(2));
const history = new History(options.history);
const bus = redis === null ? new LocalBus(history) : new RedisBus(redis, history);
const server = new ChatServer({ ...options, history, bus });
startOrExit(() => server.start(), '--port <n>');
console.log(`chat: ${server.url}`);
try {
  server.serveForever();
} finally {
  shield(() => server.stop(GOODBYE));
  history.close();
}
