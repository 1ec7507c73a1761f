import { fileURLToPath } from 'node:url';
import { checkOutput } from 'greenlets/subprocess';
import { sizeFor } from '../options.ts';
import { Game } from '../server/game.ts';
import type { TickTimes } from '../server/tick-times.ts';
import type { PlayersReport } from './players.ts';

export interface TrialOptions {
  bots: number;
  /** Players on the network, all in one process of their own. */
  players: number;
  seconds: number;
}

export interface TrialResult {
  times: TickTimes;
  ticks: number;
  seconds: number;
  /** CPU time of the server's process, in seconds. */
  cpu: number;
  players: PlayersReport;
}

const COMMAND = fileURLToPath(new URL('cli/greenlets.js', import.meta.resolve('greenlets')));
const PLAYERS = fileURLToPath(new URL('run-players.js', import.meta.url));

/** A game with so many bots in this process, and with so many players in another one. */
export function trial({ bots, players, seconds }: TrialOptions): TrialResult {
  using game = new Game({ host: '127.0.0.1', port: 0, bots, size: sizeFor(bots + players) });
  game.start();
  const begun = performance.now();
  const { user, system } = process.cpuUsage();
  const args = [COMMAND, PLAYERS, game.url, String(players), String(seconds)];
  const report = JSON.parse(checkOutput(process.execPath, args, { encoding: 'utf8' })) as PlayersReport;
  const used = process.cpuUsage({ user, system });
  return {
    times: game.arena.times,
    ticks: game.arena.world.tick,
    seconds: (performance.now() - begun) / 1000,
    cpu: (used.user + used.system) / 1e6,
    players: report,
  };
}
