/** One operation: a `sleep(0)` of one of two greenlets, while so many others are suspended. `itself`: with 10 others. */
import { size } from '../../measure/measure.mjs';
import { measureBeside } from './two-that-yield.mjs';

await measureBeside(size());
