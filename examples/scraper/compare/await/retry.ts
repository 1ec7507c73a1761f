/** Trying again what failed for a passing reason. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Download, DownloadError, isPassing, isRefusal } from '../../answer.ts';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

export async function withRetries(retries: number, attempt: () => Promise<Download>): Promise<Download> {
  for (let pause = FIRST_PAUSE, left = retries; ; pause *= 2, left--) {
    try {
      const download = await attempt();
      if (left === 0 || !isPassing(download.status)) return download;
      if (isRefusal(download.status)) continue;
    } catch (error) {
      if (left === 0 || !(error instanceof DownloadError && error.passing)) throw error;
    }
    await sleep(Math.min(LONGEST_PAUSE, pause * (0.5 + Math.random())));
  }
}
