/** Keyboard and mouse. */
const KEYS = {
  KeyW: [0, -1],
  ArrowUp: [0, -1],
  KeyS: [0, 1],
  ArrowDown: [0, 1],
  KeyA: [-1, 0],
  ArrowLeft: [-1, 0],
  KeyD: [1, 0],
  ArrowRight: [1, 0],
};
const DASH = new Set(['Space', 'ShiftLeft', 'ShiftRight']);

export class KeyboardAndMouse {
  #held = new Set();
  #aim = 0;
  #fire = false;

  /** The ship is in the middle of `canvas`. */
  constructor(canvas) {
    addEventListener('keydown', (event) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return;
      if (event.code in KEYS || DASH.has(event.code)) event.preventDefault();
      this.#held.add(event.code);
    });
    addEventListener('keyup', (event) => this.#held.delete(event.code));
    addEventListener('blur', () => {
      this.#held.clear();
      this.#fire = false;
    });
    addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'mouse') return;
      this.#aim = Math.atan2(event.clientY - innerHeight / 2, event.clientX - innerWidth / 2);
    });
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse') this.#fire = true;
    });
    addEventListener('pointerup', () => (this.#fire = false));
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  read() {
    let [moveX, moveY] = [0, 0];
    for (const code of this.#held) {
      const [x, y] = KEYS[code] ?? [0, 0];
      moveX += x;
      moveY += y;
    }
    const length = Math.max(1, Math.hypot(moveX, moveY));
    const dash = [...this.#held].some((code) => DASH.has(code));
    return { moveX: moveX / length, moveY: moveY / length, aim: this.#aim, fire: this.#fire, dash };
  }
}
