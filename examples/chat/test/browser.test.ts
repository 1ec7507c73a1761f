import assert from 'node:assert/strict';
import { type Sync, toSync, wait } from 'greenlets';
import type { Browser, Page } from 'playwright-core';
import { test } from '../../../test/support/leaks.ts';
import { whyNoBrowser, withBrowser } from '../../browser.ts';
import { LocalBus } from '../bus.ts';
import { History } from '../history.ts';
import { ChatServer } from '../server.ts';
import { withChat } from './chat.ts';

const DESKTOP = { width: 1100, height: 700 };
const PHONE = { width: 390, height: 844 };

/** A person with a browser window of her own. */
class Window {
  readonly page: Sync<Page>;

  constructor(browser: Browser, url: string, name: string, viewport: { width: number; height: number } = DESKTOP) {
    const context = wait(browser.newContext({ viewport }));
    this.page = toSync(wait(context.newPage()));
    this.page.goto(url);
    this.page.fill('#name', name);
    this.page.press('#name', 'Enter');
    this.sees('#here >> text=Ada');
  }

  say(text: string): void {
    this.page.fill('#text', text);
    this.page.press('#text', 'Enter');
  }

  /** Waits for an element, seen or not, as in a drawer that is closed. */
  sees(selector: string): void {
    this.page.waitForSelector(selector, { state: 'attached' });
  }

  texts(): string[] {
    return wait(this.page.locator('.message .bubble').allInnerTexts());
  }
}

test(
  'two people in two browsers: messages, people, typing and private messages',
  () => {
    withChat((url) =>
      withBrowser((browser) => {
        const ada = new Window(browser, url, 'Ada');
        const bob = new Window(browser, url, 'Bob', PHONE);
        ada.sees('#here >> text=Bob');
        wait(bob.page.locator('#text').pressSequentially('Hello'));
        ada.sees('#typing >> text=Bob is typing');
        bob.page.press('#text', 'Enter');
        ada.sees('.bubble >> text=Hello');
        ada.say('<img src=x onerror="document.title = 1"><b>bold</b> & https://example.org/?a=1&b=2.');
        bob.sees('.bubble >> text=<b>bold</b>');
        assert.deepEqual(bob.texts(), ada.texts());
        assert.equal(wait(bob.page.locator('.bubble img, .bubble b').count()), 0);
        assert.equal(bob.page.getAttribute('.bubble a', 'href'), 'https://example.org/?a=1&b=2');
        ada.page.click('#here >> text=Bob');
        ada.say('just for you');
        bob.sees('#private >> text=Ada');
        assert.equal(bob.page.textContent('#private .badge'), '1');
        bob.page.click('#show-places');
        bob.page.click('#private >> text=Ada');
        bob.sees('.bubble >> text=just for you');
        bob.say('thank you');
        ada.sees('.bubble >> text=thank you');
        assert.deepEqual(ada.texts(), ['just for you', 'thank you']);
      }),
    );
  },
  whyNoBrowser,
);

test(
  'nothing sticks out of the page on a phone, whatever is written',
  () => {
    withChat((url) =>
      withBrowser((browser) => {
        const ada = new Window(browser, url, 'Ada', PHONE);
        ada.say('x'.repeat(500));
        ada.say('many words '.repeat(40));
        ada.sees('.bubble >> text=many words');
        const width = wait(ada.page.evaluate('document.documentElement.scrollWidth'));
        assert.equal(width, PHONE.width);
      }),
    );
  },
  whyNoBrowser,
);

test(
  'what is written while the server is away is said once it is back, once',
  () => {
    const history = new History(':memory:');
    const options = { host: '127.0.0.1', history };
    const before = new ChatServer({ ...options, port: 0, bus: new LocalBus(history) });
    before.start();
    const { url } = before;
    withBrowser((browser) => {
      const ada = new Window(browser, url, 'Ada');
      ada.say('before');
      ada.sees('.message:not(.pending) >> text=before');
      before.stop(0);
      ada.sees('#banner:not([hidden])');
      ada.say('meanwhile');
      ada.sees('.message.pending >> text=meanwhile');
      const after = new ChatServer({ ...options, port: Number(new URL(url).port), bus: new LocalBus(history) });
      after.start();
      ada.sees('.message:not(.pending) >> text=meanwhile');
      assert.deepEqual(ada.texts(), ['before', 'meanwhile']);
      after.stop(0);
    });
    assert.deepEqual(
      history.before('lobby').messages.map(({ text }) => text),
      ['before', 'meanwhile'],
    );
  },
  whyNoBrowser,
);
