/** Imports the module that it is told, or nothing; prints how many code caches, made before, V8 rejects afterwards. */
import { Script } from 'node:vm';

const source = '(function add(a, b) { return a + b; })';
const cachedData = new Script(source).createCachedData();
if (process.argv[2] !== undefined) await import(process.argv[2]);
console.log(Number(new Script(source, { cachedData }).cachedDataRejected));
