/** npm run trial:game: how steady the ticks are with many bots and players, see --help. */
import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { spawn, ticker } from 'greenlets';
import { whole } from '../options.ts';
import { TICK, TICK_RATE } from '../shared/rules.ts';
import { describeTicks } from '../terminal.ts';
import { type TrialOptions, type TrialResult, trial } from './trial.ts';

/** A trial in which more of the ticks than that are late or left out has failed; in percent. */
const TOLERANCE = 1;

const options = new Command('trial:game')
  .description('Plays with many bots and players on the network, and measures the ticks of the server.')
  .option('-b, --bots <n>', 'how many bots', whole(0, 2000), 200)
  .option('-p, --players <n>', 'how many players, each with a WebSocket', whole(1, 1000), 50)
  .option('-s, --seconds <n>', 'how long', whole(1, 3600), 30)
  .parse()
  .opts<TrialOptions>();

const bar = new SingleBar(
  { format: '{bar} {value} of {total} s', noTTYOutput: true, notTTYSchedule: 5000 },
  Presets.shades_classic,
);
bar.start(options.seconds, 0);
const painter = spawn({ name: 'progress' }, () => {
  for (const second of ticker(1000)) bar.update(Math.min(options.seconds, second + 1));
});
const result = trial(options);
painter.kill();
bar.stop();
console.log(describe(result));
process.exitCode = isStable(result) ? 0 : 1;

function describe(result: TrialResult): string {
  const { times, ticks, seconds, cpu, players } = result;
  const perSecond = players.snapshots / seconds;
  const figures = [
    `${options.bots} bots, ${options.players} players: ${ticks} ticks in ${seconds.toFixed(1)} s, ${(ticks / seconds).toFixed(2)} a second`,
    `the server used ${((cpu / seconds) * 100).toFixed(0)} % of one core`,
    `${perSecond.toFixed(0)} snapshots a second, ${(players.bytes / players.snapshots).toFixed(0)} bytes each; ${players.missed} left out`,
    `longest time without one, of all players: ${players.longestGap.toFixed(0)} ms; ${players.moved} of ${options.players} players moved`,
  ];
  return `\n${describeTicks(times)}\n\n${figures.join('\n')}\n${isStable(result) ? 'stable' : 'NOT STABLE'}`;
}

/** All ticks took place, and none took longer than it may, but for the tolerance. */
function isStable({ times, ticks, seconds }: TrialResult): boolean {
  const enough = ticks >= seconds * TICK_RATE * (1 - TOLERANCE / 100) - 1;
  return enough && times.work.percentile(100 - TOLERANCE) < TICK;
}
