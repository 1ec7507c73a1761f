/** One operation: importing the package: a program that does only that, less an empty one. */
import { measureImport } from './measure-import.mjs';

measureImport(new URL('../../../dist/index.js', import.meta.url).href);
