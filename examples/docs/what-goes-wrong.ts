import { isCancel, Pool, sleep, Timeout, withTimeout } from 'greenlets';
import { site, urls } from './pages.ts';
import { titleOf } from './title-of.ts';

const TRIES = 3;

/** The title of a page, or what is wrong with it; after three tries of two seconds each. */
function titleOrTrouble(url: string): string {
  for (let attempt = 1; ; attempt++) {
    try {
      return withTimeout(2000, () => titleOf(url));
    } catch (error) {
      if (isCancel(error) && !(error instanceof Timeout)) throw error; // somebody has killed this greenlet
      if (attempt === TRIES) return (error as Error).message;
      sleep(100 * 2 ** attempt);
    }
  }
}

const pool = new Pool(5);
for (const title of pool.imap(titleOrTrouble, [...urls, `${site}/999`])) console.log(title);
