// Stands in for the program's entry under `node --import greenlets/main`.
import { fileURLToPath } from 'node:url';
import { startProgram } from './program.ts';

startProgram(fileURLToPath(new URL(import.meta.url).searchParams.get('entry') as string));
