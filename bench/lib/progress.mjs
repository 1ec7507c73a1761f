/** A bar on stderr: how many programs have been run, and which is running. */
import { Presets, SingleBar } from 'cli-progress';

/** @param total number of programs. @returns `show(text)`: what runs now, `step()`: it has ended, `stop()`. */
export function progressBar(total) {
  const format = '{bar} {percentage}% | {value} of {total} programs | {duration_formatted} | {running}';
  const style = { format, noTTYOutput: true, notTTYSchedule: 10_000, hideCursor: true, gracefulExit: true };
  const bar = new SingleBar(style, Presets.shades_classic);
  bar.start(total, 0, { running: '' });
  return {
    show: (running) => bar.update({ running }),
    step: () => bar.increment(),
    stop: () => bar.stop(),
  };
}
