/** The same with undici, which is below the client of greenlets, too, and `await`. */
import { Agent, request } from 'undici';
import { measureAsync } from '../../measure/measure.mjs';
import { startServer } from './start-server.mjs';

const REQUESTS = 1_000;
const server = await startServer();
const dispatcher = new Agent();

async function fetchText() {
  const { body } = await request(server.url, { dispatcher });
  return await body.text();
}

await measureAsync(REQUESTS, () => Promise.all(Array.from({ length: REQUESTS }, fetchText)));
server.stop();
await dispatcher.close();
