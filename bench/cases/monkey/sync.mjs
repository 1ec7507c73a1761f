/** Node as it is: one call after the other. */
import { measure } from '../../measure/measure.mjs';
import { AT_A_TIME, call } from './calls.mjs';

measure(AT_A_TIME, () => {
  for (let i = 0; i < AT_A_TIME; i++) call();
});
