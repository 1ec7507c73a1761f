/** Trying again what failed for a passing reason. */
import { sleep } from 'greenlets';
import { type Download, DownloadError, isPassing, isRefusal } from './answer.ts';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

/**
 * Calls `attempt` until it gives an answer that will stay, `retries` + 1 times at most. The pause doubles each time, with
 * a random part, so that many pages of one host do not come back together. After a refusal (429, 503) there is none:
 * the host itself makes everybody wait.
 */
export function withRetries(retries: number, attempt: () => Download): Download {
  for (let pause = FIRST_PAUSE, left = retries; ; pause *= 2, left--) {
    try {
      const download = attempt();
      if (left === 0 || !isPassing(download.status)) return download;
      if (isRefusal(download.status)) continue;
    } catch (error) {
      if (left === 0 || !(error instanceof DownloadError && error.passing)) throw error;
    }
    sleep(Math.min(LONGEST_PAUSE, pause * (0.5 + Math.random())));
  }
}
