import { VIEW } from '../shared/rules.js';

/** What part of the arena is on the screen: as much for a large one as for a small one. */
export class Camera {
  x = 0;
  y = 0;
  scale = 1;
  #shake = 0;
  #canvas;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Fits the canvas to the screen, in its own pixels. */
  resize() {
    const ratio = Math.min(2, devicePixelRatio);
    const width = Math.round(innerWidth * ratio);
    const height = Math.round(innerHeight * ratio);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.scale = Math.max(width / VIEW.width, height / VIEW.height);
  }

  shake(strength) {
    this.#shake = Math.max(this.#shake, strength);
  }

  lookAt({ x, y }, seconds) {
    this.#shake *= Math.exp(-7 * seconds);
    this.x = x + (Math.random() - 0.5) * this.#shake;
    this.y = y + (Math.random() - 0.5) * this.#shake;
  }

  /** Lets `context` draw in the units of the arena. */
  apply(context) {
    const { width, height } = this.#canvas;
    const { scale } = this;
    context.setTransform(scale, 0, 0, scale, width / 2 - this.x * scale, height / 2 - this.y * scale);
  }

  get width() {
    return this.#canvas.width / this.scale;
  }
  get height() {
    return this.#canvas.height / this.scale;
  }
}
