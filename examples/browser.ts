/** A browser, for the tests of examples that have pages. */
import { wait } from 'greenlets';
import { type Browser, chromium } from 'playwright-core';
import { whyMissing } from '../test/support/tools.ts';

/** Why tests in a browser cannot run here; false if they can. */
export const whyNoBrowser: string | false = whyMissing('chromium');

/** Calls `body` with Chromium, which is closed afterwards. */
export function withBrowser(body: (browser: Browser) => void): void {
  const browser = wait(chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }));
  try {
    body(browser);
  } finally {
    wait(browser.close());
  }
}
