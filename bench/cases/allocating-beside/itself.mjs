import { measureBeside } from './allocate.mjs';

await measureBeside(0);
