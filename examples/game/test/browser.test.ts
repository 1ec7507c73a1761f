/** Two players in a real browser, in two contexts: each has its own storage, as two people have. */
import assert from 'node:assert/strict';
import { wait } from 'greenlets';
import type { Page } from 'playwright-core';
import { test } from '../../../test/support/leaks.ts';
import { whyNoBrowser, withBrowser } from '../../browser.ts';
import { Game } from '../server/game.ts';
import type { Snapshot } from '../shared/messages.ts';
import { Rocks } from '../world/rocks.ts';

const SIZE = 1600;
/** Quick to paint. */
const SMALL = { width: 480, height: 270 };

/** What the page has as `globalThis.rockfall`. */
interface Session {
  me: number;
  ships: Map<number, { name: string }>;
  viewAt(time: number): Snapshot | null;
}
declare const rockfall: Session;

/** A page of its own, in which `name` has pressed Play and has a ship at that place. */
function play(game: Game, page: Page, name: string, x: number, y: number): number {
  wait(page.goto(game.url));
  wait(page.fill('#name', name));
  wait(page.press('#name', 'Enter'));
  wait(page.waitForFunction(() => rockfall?.viewAt(performance.now())?.ships.some(({ id }) => id === rockfall.me)));
  const id = wait(page.evaluate(() => rockfall.me));
  for (const ship of game.arena.world.ships) if (ship.id === id) Object.assign(ship, { x, y });
  return id;
}

/** Waits until the page shows that ship to the right of `x`. */
function waitUntilRightOf(page: Page, id: number, x: number): void {
  const isThere = ([id, x]: [number, number]) => {
    const ship = rockfall.viewAt(performance.now())?.ships.find((ship) => ship.id === id);
    return ship !== undefined && ship.x > x;
  };
  wait(page.waitForFunction(isThere, [id, x] as [number, number]));
}

test(
  'two players in browsers see each other move, and their names; whoever closes the page is gone',
  () => {
    using game = new Game({ host: '127.0.0.1', port: 0, bots: 0, size: SIZE, rocks: new Rocks([], SIZE), gems: 0 });
    game.start();
    withBrowser((browser) => {
      const errors: string[] = [];
      const pages = ['Ada', 'Bob'].map(() => wait(browser.newPage({ viewport: SMALL })));
      for (const page of pages) page.on('pageerror', (error) => errors.push(error.message));
      const [adaPage, bobPage] = pages as [Page, Page];
      const ada = play(game, adaPage, 'Ada', 500, 700);
      const bob = play(game, bobPage, 'Bob', 500, 900);
      for (const [page, ship] of [
        [adaPage, ada],
        [bobPage, bob],
      ] as const) {
        wait(page.bringToFront());
        wait(page.keyboard.down('KeyD'));
        for (const viewer of pages) {
          wait(viewer.bringToFront());
          waitUntilRightOf(viewer, ship, 600);
        }
        wait(page.keyboard.up('KeyD'));
      }
      assert.equal(wait(adaPage.evaluate((id) => rockfall.ships.get(id)?.name, bob)), 'Bob');
      assert.match(wait(bobPage.textContent('#top')) ?? '', /Ada/);
      wait(bobPage.close());
      wait(adaPage.bringToFront());
      wait(adaPage.waitForFunction(() => rockfall.viewAt(performance.now())?.ships.length === 1));
      assert.deepEqual(errors, []);
    });
  },
  whyNoBrowser,
);
