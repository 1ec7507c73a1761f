/** What is only there to be looked at: sparks, blasts, and points that float up. */
import { color, drawGlow } from './colors.js';

export class Effects {
  #sparks = [];
  #waves = [];
  #texts = [];

  /** A ship bursts. */
  explode(x, y, hue) {
    this.#scatter(x, y, hue, 46, 420, 0.9);
    this.#scatter(x, y, 28, 16, 260, 0.6);
    this.#waves.push({ x, y, hue, age: 0 });
  }

  /** A ship is hit. */
  hit(x, y, hue) {
    this.#scatter(x, y, hue, 9, 240, 0.35);
  }

  text(x, y, text, hue) {
    this.#texts.push({ x: x + (Math.random() - 0.5) * 24, y: y - 30, text, hue, age: 0 });
  }

  draw(context, seconds) {
    for (const wave of this.#waves) drawWave(context, wave);
    for (const spark of this.#sparks) {
      drawGlow(context, spark.x, spark.y, spark.size * (1 - spark.age / spark.life), spark.hue);
      spark.x += spark.speedX * seconds;
      spark.y += spark.speedY * seconds;
      spark.speedX *= Math.exp(-3 * seconds);
      spark.speedY *= Math.exp(-3 * seconds);
    }
    context.font = '700 17px system-ui, sans-serif';
    context.textAlign = 'center';
    for (const { x, y, text, hue, age } of this.#texts) {
      context.fillStyle = color(hue, 75, 1 - age / 0.9);
      context.fillText(text, x, y - age * 45);
    }
    this.#sparks = grow(this.#sparks, seconds, ({ life }) => life);
    this.#waves = grow(this.#waves, seconds, () => 0.5);
    this.#texts = grow(this.#texts, seconds, () => 0.9);
  }

  #scatter(x, y, hue, count, speed, life) {
    for (let i = 0; i < count; i++) {
      const angle = Math.random() * 2 * Math.PI;
      const fast = speed * (0.15 + 0.85 * Math.random());
      const motion = { speedX: Math.cos(angle) * fast, speedY: Math.sin(angle) * fast };
      this.#sparks.push({
        x,
        y,
        hue,
        ...motion,
        size: 5 + Math.random() * 12,
        life: life * (0.4 + 0.6 * Math.random()),
        age: 0,
      });
    }
  }
}

/** Older by `seconds`, without those whose life is over. */
function grow(things, seconds, lifeOf) {
  for (const thing of things) thing.age += seconds;
  return things.filter((thing) => thing.age < lifeOf(thing));
}

function drawWave(context, { x, y, hue, age }) {
  const share = age / 0.5;
  context.beginPath();
  context.arc(x, y, 20 + 110 * Math.sqrt(share), 0, 2 * Math.PI);
  context.strokeStyle = color(hue, 75, 0.8 * (1 - share));
  context.lineWidth = 7 * (1 - share) + 0.5;
  context.stroke();
}
