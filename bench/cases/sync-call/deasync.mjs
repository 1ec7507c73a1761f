/** deasync: the event loop runs nested, in the midst of the call. */
import deasync from 'deasync';
import { measure } from '../../measure/measure.mjs';

const CALLS = 100;

const answer = deasync((value, done) => setImmediate(done, null, value));

measure(CALLS, () => {
  for (let i = 0; i < CALLS; i++) answer(i);
});
