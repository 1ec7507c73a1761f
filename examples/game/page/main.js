/** The page: from the start screen on, a frame after the other. */
import { TICK } from '../shared/rules.js';
import { Actors } from './actors.js';
import { Camera } from './camera.js';
import { KeyboardAndMouse } from './controls.js';
import { Effects } from './effects.js';
import { Ground } from './ground.js';
import { compare } from './happenings.js';
import { Hud } from './hud.js';
import { Minimap } from './map.js';
import { drawScenery } from './scenery.js';
import { Session } from './session.js';
import { Sound } from './sound.js';
import { Touch } from './touch.js';

const canvas = document.querySelector('#arena');
const context = canvas.getContext('2d', { alpha: false });
const camera = new Camera(canvas);
const hands = new KeyboardAndMouse(canvas);
const thumbs = new Touch(canvas);
const hud = new Hud();
const minimap = new Minimap();
const effects = new Effects();
const actors = new Actors();
const sound = new Sound();

let session = null;
let ground = null;
/** The latest snapshot that was looked at for what has happened. */
let seen = null;
let death = { killer: null, since: 0 };
let before = performance.now();

document.querySelector('#name').value = localStorage.getItem('rockfall-name') ?? '';
document.querySelector('#start').addEventListener('submit', (event) => {
  event.preventDefault();
  const name = document.querySelector('#name').value;
  localStorage.setItem('rockfall-name', name);
  document.activeElement.blur();
  play(name);
});
document.querySelector('#toggle-server').addEventListener('click', toggleServer);
document.querySelector('#toggle-sound').addEventListener('click', toggleSound);
addEventListener('keydown', ({ code, target }) => {
  if (session === null || target instanceof HTMLInputElement) return;
  if (code === 'KeyT') toggleServer();
  if (code === 'KeyM') toggleSound();
});
setInterval(() => session?.send(controls()), TICK);
requestAnimationFrame(frame);

function play(name) {
  session = new Session(name);
  session.addEventListener('welcome', () => {
    ground = new Ground(session.size, session.rocks);
    seen = null;
    death = { killer: null, since: performance.now() };
    document.body.dataset.state = 'play';
  });
  session.addEventListener('news', ({ detail }) => hear(detail));
  session.addEventListener('lost', () => hud.notice('Connection lost', 'trying again'));
  session.addEventListener('over', () => {
    session = null;
    document.body.dataset.state = 'start';
    hud.notice('');
  });
  // For the console, and for tests.
  globalThis.rockfall = session;
}

function controls() {
  return thumbs.read() ?? hands.read();
}

function hear({ kills = [], board }) {
  for (const kill of kills) {
    const { x, y, hue, victim, killer } = kill;
    const mine = kill.killerId === session.me;
    effects.explode(x, y, hue);
    hud.showKill(kill);
    if (kill.victimId === session.me) {
      death = { killer, since: performance.now() };
      camera.shake(40);
    }
    if (mine) effects.text(x, y, victim, hue);
    if (mine) sound.kill();
    else sound.explosion();
  }
  if (board !== undefined) hud.showBoard(board, session.me);
}

function frame(now) {
  requestAnimationFrame(frame);
  const seconds = Math.min(0.1, (now - before) / 1000);
  before = now;
  camera.resize();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = '#05070f';
  context.fillRect(0, 0, canvas.width, canvas.height);
  const view = session?.viewAt(performance.now()) ?? null;
  if (view === null || ground === null) drawScenery(context, camera, now);
  else draw(view, now, seconds);
}

function draw(view, now, seconds) {
  const me = view.ships.find((ship) => ship.id === session.me);
  if (me !== undefined) me.aim = controls().aim; // at once, not when the server has heard of it
  camera.lookAt(me ?? camera, seconds);
  camera.apply(context);
  actors.follow(view, now);
  ground.draw(context, camera);
  actors.draw(context, view, session, now);
  notice(session.timeline.latest, me);
  effects.draw(context, seconds);
  minimap.draw(view, camera, session);
  hud.showScore(view.score, view.rank);
  hud.showHealth(me?.health ?? 0);
  hud.showDash(me !== undefined && controls().dash, now);
  if (me === undefined) hud.showRespawn(death.killer, death.since, performance.now());
  else hud.notice('');
}

/** Looks at each snapshot once. */
function notice(snapshot, me) {
  const { hits, points } = compare(seen, snapshot);
  seen = snapshot;
  for (const { id, x, y } of hits) {
    effects.hit(x, y, session.ships.get(id)?.hue ?? 0);
    if (id !== session.me) continue;
    camera.shake(14);
    hud.showHurt();
    sound.hit();
  }
  if (points === 0 || me === undefined) return;
  effects.text(me.x, me.y, `+${points}`, 40);
  sound.gem();
}

function toggleServer() {
  const panel = document.querySelector('#server');
  panel.hidden = !panel.hidden;
  document.querySelector('#toggle-server').setAttribute('aria-pressed', !panel.hidden);
}

function toggleSound() {
  const button = document.querySelector('#toggle-sound');
  button.textContent = sound.toggle() ? 'sound on' : 'sound off';
  button.setAttribute('aria-pressed', sound.on);
}
