import { urls } from './pages.ts';
import { titleOf } from './title-of.ts';

console.time('ten pages');
console.log(urls.map(titleOf));
console.timeEnd('ten pages');
