/** npm run start:game: see --help. */
import { Interrupted, spawn } from 'greenlets';
import { startOrExit } from '../start.ts';
import { parseOptions } from './options.ts';
import { Game } from './server/game.ts';
import { describeTicks, showTicks } from './terminal.ts';

const options = parseOptions(process.argv.slice(2));
const game = new Game(options);
startOrExit(() => game.start(), '--port <n>');
console.log(`Play at ${game.url}`);
if (process.stdout.isTTY) spawn({ name: 'terminal' }, showTicks, game.arena.times);
try {
  game.wait();
} catch (error) {
  if (!(error instanceof Interrupted)) throw error;
}
// Nothing blocks from here on: after Ctrl-C nothing can.
console.log(`\n${describeTicks(game.arena.times)}`);
