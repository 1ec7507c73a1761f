import { measureBeside } from './two-that-yield.mjs';

await measureBeside(10);
