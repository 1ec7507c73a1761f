/** The same with undici, which is below the client of greenlets, too, and `await`. */
import { Agent, request } from 'undici';
import { LONG_WARM_UP, measureAsync } from '../../measure/measure.mjs';

const REQUESTS = 1_000;
const dispatcher = new Agent();

async function fetchText() {
  const { body } = await request(process.env.BENCH_URL, { dispatcher });
  return await body.text();
}

const fetchAll = () => Promise.all(Array.from({ length: REQUESTS }, fetchText));
await measureAsync(REQUESTS, fetchAll, LONG_WARM_UP);
await dispatcher.close();
