import { spawn } from 'greenlets';
import { urls } from './pages.ts';
import { titleOf } from './title-of.ts';

console.time('ten pages');
const greenlets = urls.map((url) => spawn(titleOf, url));
console.log(greenlets.map((greenlet) => greenlet.get()));
console.timeEnd('ten pages');
