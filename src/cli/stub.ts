// Stands in for the program's entry under `node --import greenlets/main`.
import { startProgram } from './program.ts';

startProgram(process.argv[1] as string);
