/** What moves: gems, shots, ships with their trails. */
import { SHIP } from '../shared/rules.js';
import { color, drawGlow } from './colors.js';

/** For how many ms the past places of a ship and of a shot are drawn. */
const TRAIL = 380;
const STREAK = 50;

const HULL = new Path2D('M 23 0 L -15 15 L -8 0 L -15 -15 Z');
const COCKPIT = new Path2D('M 12 0 L -4 5 L -2 0 L -4 -5 Z');

export class Actors {
  /** Past places, each with its time, by kind and id; latest last. */
  #trails = new Map();

  /** Takes note of where everything is now; called once a frame. */
  follow(view, now) {
    const seen = new Set();
    const note = (key, { x, y }, ms) => {
      seen.add(key);
      const trail = this.#trails.get(key) ?? [];
      const last = trail.at(-1);
      if (last !== undefined && Math.hypot(last[0] - x, last[1] - y) > 100) trail.length = 0;
      trail.push([x, y, now]);
      while (trail[0][2] < now - ms) trail.shift();
      this.#trails.set(key, trail);
    };
    for (const ship of view.ships) note(`ship ${ship.id}`, ship, TRAIL);
    for (const shot of view.shots) note(`shot ${shot.id}`, shot, STREAK);
    for (const key of this.#trails.keys()) if (!seen.has(key)) this.#trails.delete(key);
  }

  draw(context, view, session, time) {
    for (const gem of view.gems) drawGem(context, gem, time);
    for (const ship of view.ships) this.#drawTrail(context, ship, session.ships.get(ship.id)?.hue ?? 0);
    for (const shot of view.shots) this.#drawShot(context, shot);
    for (const ship of view.ships) drawShip(context, ship, session.ships.get(ship.id), ship.id === session.me, time);
  }

  #drawTrail(context, { id }, hue) {
    const trail = this.#trails.get(`ship ${id}`) ?? [];
    context.lineCap = 'round';
    for (let i = 1; i < trail.length; i++) {
      context.beginPath();
      context.moveTo(trail[i - 1][0], trail[i - 1][1]);
      context.lineTo(trail[i][0], trail[i][1]);
      context.strokeStyle = color(hue, 60, (i / trail.length) * 0.3);
      context.lineWidth = 2 + (i / trail.length) * 9;
      context.stroke();
    }
  }

  #drawShot(context, { id, x, y, hue }) {
    const [[fromX, fromY]] = this.#trails.get(`shot ${id}`) ?? [[x, y]];
    drawGlow(context, x, y, 22, hue);
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(x, y);
    context.lineCap = 'round';
    context.strokeStyle = color(hue, 82);
    context.lineWidth = 4.5;
    context.stroke();
  }
}

function drawGem(context, { x, y, value }, time) {
  const size = 7 + Math.min(7, value);
  const hue = value > 1 ? 32 : 118 + ((x * 7 + y * 13) % 40);
  const width = size * (0.55 + 0.45 * Math.abs(Math.sin(time / 700 + x)));
  drawGlow(context, x, y, size * 2.6, hue);
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + width, y);
  context.lineTo(x, y + size);
  context.lineTo(x - width, y);
  context.closePath();
  context.fillStyle = color(hue, 66);
  context.fill();
  context.strokeStyle = color(hue, 88);
  context.lineWidth = 1.2;
  context.stroke();
}

function drawShip(context, ship, known, isMe, time) {
  const { x, y, aim, health, shielded } = ship;
  const hue = known?.hue ?? 0;
  drawGlow(context, x, y, isMe ? 62 : 46, hue);
  context.save();
  context.translate(x, y);
  context.rotate(aim);
  context.lineJoin = 'round';
  context.fillStyle = color(hue, 52);
  context.fill(HULL);
  context.strokeStyle = isMe ? '#ffffff' : color(hue, 80);
  context.lineWidth = isMe ? 2.6 : 1.8;
  context.stroke(HULL);
  context.fillStyle = color(hue, 88);
  context.fill(COCKPIT);
  context.restore();
  if (shielded) drawRing(context, x, y, 30 + Math.sin(time / 120) * 2, 1, 'rgb(200 240 255 / 60%)');
  if (health < SHIP.health) drawRing(context, x, y, 29, health / SHIP.health, health > 40 ? '#5df2a6' : '#ff5d73');
  if (isMe || known === undefined) return;
  context.font = `${known.isBot ? 400 : 650} 13px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.fillStyle = known.isBot ? 'rgb(200 212 255 / 50%)' : '#ffffff';
  context.fillText(known.name, x, y + 46);
}

/** A part of a circle, from the top. */
function drawRing(context, x, y, radius, share, style) {
  context.beginPath();
  context.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI);
  context.strokeStyle = style;
  context.lineWidth = 3;
  context.stroke();
}
