import { measureImport } from './measure-import.mjs';

measureImport(import.meta.resolve('effection'));
