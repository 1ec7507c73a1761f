/** What stands around the arena, in HTML. Texts of others are set as text, never as markup. */
import { DASH, RESPAWN } from '../shared/rules.js';
import { color } from './colors.js';

const FEED = 6;
const $ = (selector) => document.querySelector(selector);

export class Hud {
  #dashedAt = Number.NEGATIVE_INFINITY;

  showScore(score, rank) {
    $('#points').textContent = score.toLocaleString('en');
    $('#rank').textContent = rank > 0 ? `place ${rank}` : '';
  }

  showHealth(health) {
    $('#health').value = health;
  }

  /** @param wanted whether the player asks for a dash now. */
  showDash(wanted, now) {
    if (wanted && now - this.#dashedAt > DASH.pause) this.#dashedAt = now;
    $('#dash').value = Math.min(1, (now - this.#dashedAt) / DASH.pause);
  }

  showBoard({ players, bots, top, ticks }, me) {
    $('#crowd').textContent = `${players} ${players === 1 ? 'player' : 'players'}, ${bots} bots`;
    $('#top').replaceChildren(
      ...top.map(({ id, name, hue, score }) => {
        const row = element('li', element('span', name), element('b', score.toLocaleString('en')));
        row.style.setProperty('--hue', color(hue));
        row.classList.toggle('me', id === me);
        return row;
      }),
    );
    this.#showTicks(ticks);
  }

  showKill({ killer, victim, hue }) {
    const item = element('li', element('b', victim), ` shot down by ${killer}`);
    item.style.setProperty('--hue', color(hue, 72));
    $('#feed').append(item);
    while ($('#feed').children.length > FEED) $('#feed').firstElementChild.remove();
  }

  /** Red at the edges for a moment. */
  showHurt() {
    $('#hurt').animate([{ opacity: 1 }, { opacity: 0 }], 400);
  }

  notice(text, more = '') {
    $('#notice').replaceChildren(text, element('small', more));
  }

  /** @param since when the player was shot down. */
  showRespawn(killer, since, now) {
    const left = Math.max(1, Math.ceil((RESPAWN - (now - since)) / 1000));
    this.notice(killer === null ? 'Get ready' : `Shot down by ${killer}`, `back in ${left}`);
  }

  #showTicks({ counts, limits, median, p99, max }) {
    const most = Math.max(1, ...counts);
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count),
    );
    $('#bars').replaceChildren(
      ...counts.flatMap((count, i) => {
        const bar = element('i');
        bar.style.transform = `scaleX(${count / most})`;
        const label = i < limits.length ? `≤ ${round(limits[i])} ms` : `> ${round(limits.at(-1))} ms`;
        return [element('span', label), bar, element('span', `${((count / total) * 100).toFixed(1)} %`)];
      }),
    );
    $('#figures').textContent =
      `median ${median.toFixed(2)} ms, 99 % ≤ ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms`;
  }
}

function round(ms) {
  return ms < 10 ? ms : Math.round(ms);
}

function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
