/** deasync: calls that overlap are nested; the first returns after the last. Code in a row makes one after the other. */
import deasync from 'deasync';
import { measure } from '../../measure/measure.mjs';

const CALLS = 20;
const DURATION = 10;

const answer = deasync((value, done) => setTimeout(done, DURATION, null, value));

measure(CALLS, () => {
  for (let i = 0; i < CALLS; i++) answer(i);
});
