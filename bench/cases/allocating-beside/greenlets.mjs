/** One operation: a step of a program that allocates 200 MB a second, while so many greenlets are suspended. `itself`: with none. */
import { size } from '../../measure/measure.mjs';
import { measureBeside } from './allocate.mjs';

await measureBeside(size());
