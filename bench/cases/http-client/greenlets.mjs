/** One operation: one of a thousand requests at once, and the reading of its response as text. */
import { get } from '../../../dist/http.js';
import { joinAll, run, spawn } from '../../../dist/index.js';
import { LONG_WARM_UP, measure } from '../../measure/measure.mjs';

const REQUESTS = 1_000;
const url = process.env.BENCH_URL;

await run(() => {
  const fetchAll = () => joinAll(Array.from({ length: REQUESTS }, () => spawn(() => get(url).text())));
  measure(REQUESTS, fetchAll, LONG_WARM_UP);
});
