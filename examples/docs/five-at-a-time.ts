import { Pool } from 'greenlets';
import { urls } from './pages.ts';
import { titleOf } from './title-of.ts';

console.time('ten pages');
const pool = new Pool(5);
for (const title of pool.imap(titleOf, urls)) console.log(title); // in order, each as soon as it is there
console.timeEnd('ten pages');
