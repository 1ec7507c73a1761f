/** Trying again what failed for a passing reason. */
import { sleep } from 'greenlets';
import { type Download, DownloadError } from './download.ts';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

/**
 * Calls `attempt` until it gives an answer that will stay, `retries` + 1 times at most. The pause doubles each time,
 * with a random part so that many pages of one host do not come back together; a server's Retry-After wins.
 */
export function withRetries(retries: number, attempt: () => Download): Download {
  for (let pause = FIRST_PAUSE, left = retries; ; pause *= 2, left--) {
    let asked: number | null = null;
    try {
      const download = attempt();
      if (left === 0 || !isPassing(download.status)) return download;
      asked = download.retryAfter;
    } catch (error) {
      if (left === 0 || !(error instanceof DownloadError && error.passing)) throw error;
    }
    sleep(Math.min(LONGEST_PAUSE, asked ?? pause * (0.5 + Math.random())));
  }
}

function isPassing(status: number): boolean {
  return status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}
