/** The process of the trial's players: run-players <url> <count> <seconds>; prints their report as JSON. */
import { playAll } from './players.ts';

const [url = '', count, seconds] = process.argv.slice(2);
console.log(JSON.stringify(playAll(url, Number(count), Number(seconds))));
