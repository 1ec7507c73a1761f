import { fileURLToPath } from 'node:url';

/** The folder of the comparison, and that of the project. */
export const bench = fileURLToPath(new URL('..', import.meta.url));
export const project = fileURLToPath(new URL('../..', import.meta.url));
